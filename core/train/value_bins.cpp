#include "core/train/value_bins.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int tensorBins = 128;

} // namespace

ValueBins::ValueBins(double from, double to, int bins)
    : from(from)
    , width((to - from) / bins)
    , counts(std::size_t(bins))
{
}

void ValueBins::add(std::span<const float> values)
{
    const auto inverse = float(1 / width);
    const auto origin = float(from);
    const auto last = float(counts.size() - 1);
    for (const float value : values) {
        const float bin = (value - origin) * inverse;
        if (bin >= 0) // not-a-number is in neither branch
            ++counts[std::size_t(std::min(bin, last))];
        else if (bin < 0)
            ++counts.front();
    }
}

ValueBins binsOf(std::span<const float> values)
{
    float most = 0;
    for (const float value : values) {
        if (std::isfinite(value))
            most = std::max(most, std::abs(value));
    }
    int exponent = 0;
    const float fraction = std::frexp(most, &exponent); // most = fraction * 2^exponent, from 1/2
    if (fraction == 0.5f)
        --exponent;
    const double reach = std::ldexp(1.0, std::clamp(most > 0 ? exponent : 0, -30, 30));
    ValueBins bins(-reach, reach, tensorBins);
    bins.add(values);
    return bins;
}

} // namespace stair
