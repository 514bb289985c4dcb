#include "core/quant/value_histogram.h"

#include <algorithm>
#include <cmath>

namespace stair {

std::int64_t percentileRank(double percent, std::int64_t count)
{
    constexpr double slack = 1e-6; // 99.99 % of 10,000 is 9,999, whatever the last bit says
    return std::int64_t(std::ceil(percent * double(count) / 100 - slack));
}

ValueHistogram::ValueHistogram(float peak)
    : m_peak(peak)
    , m_width(double(peak) / bins)
    , m_positive(bins)
    , m_negative(bins)
{
}

void ValueHistogram::add(std::span<const float> x)
{
    const double scale = m_width > 0 ? 1 / m_width : 0;
    m_count += std::int64_t(x.size());
    for (const float v : x) {
        if (v == 0) {
            ++m_zeros;
            continue;
        }
        const auto bin = std::size_t(std::min(std::abs(double(v)) * scale, double(bins - 1)));
        ++(v > 0 ? m_positive : m_negative)[bin];
    }
}

float ValueHistogram::percentile(double percent) const
{
    const std::int64_t rank = percentileRank(percent, m_count);
    if (rank >= m_count)
        return m_peak;
    std::int64_t seen = m_zeros;
    if (rank <= seen)
        return 0;
    std::size_t bin = 0;
    for (; bin + 1 < bins && seen < rank; ++bin)
        seen += m_positive[bin] + m_negative[bin];
    return seen < rank ? m_peak : float(m_width * double(bin));
}

std::vector<double> ValueHistogram::magnitudes(int coarse) const
{
    std::vector<double> counts(std::size_t(coarse), 0.0);
    const std::size_t each = std::size_t(bins / coarse);
    for (std::size_t bin = 0; bin < bins; ++bin)
        counts[bin / each] += double(m_positive[bin] + m_negative[bin]);
    return counts;
}

ValueHistogram::Points ValueHistogram::points() const
{
    Points points;
    const auto add = [&](std::int64_t count, double centre) {
        if (count == 0)
            return;
        points.values.push_back(float(m_width * centre));
        points.weights.push_back(float(count));
    };
    for (int bin = bins - 1; bin >= 0; --bin)
        add(m_negative[std::size_t(bin)], -(bin + 0.5));
    for (int bin = 0; bin < bins; ++bin)
        add(m_positive[std::size_t(bin)], bin + 0.5);
    return points;
}

} // namespace stair
