#include "core/train/histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace stair {

int Histogram::binOf(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude == 0)
        return zeroBin;
    if (magnitude > 0x7f800000u)
        return -1;
    // Subnormal numbers have a stored exponent of 0 and end in the innermost bin like all below it.
    const int exponent = int(magnitude >> 23) - 127;
    const int outward = std::clamp(exponent, leastExponent, mostExponent) - leastExponent + 1;
    return bits >> 31 ? zeroBin - outward : zeroBin + outward;
}

double Histogram::innerEdge(int bin)
{
    if (bin == zeroBin)
        return 0;
    const double edge = std::ldexp(1.0, std::abs(bin - zeroBin) - 1 + leastExponent);
    return bin < zeroBin ? -edge : edge;
}

void Histogram::add(std::span<const float> values)
{
    // Each thread counts for itself; sums of integers do not depend on their order.
    const auto count = std::int64_t(values.size());
#pragma omp parallel if (count > 65536)
    {
        std::array<std::int64_t, bins + 1> local{};
#pragma omp for schedule(static) nowait
        for (std::int64_t i = 0; i < count; ++i)
            local[std::size_t(binOf(values[std::size_t(i)]) + 1)] += 1;
#pragma omp critical(stair_histogram)
        {
            m_notANumber += local[0];
            for (std::size_t bin = 0; bin < bins; ++bin)
                m_counts[bin] += local[bin + 1];
        }
    }
}

} // namespace stair
