#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace stair {

/// Counts of values in equal bins from `from` on; what lies beyond counts in the end bins. Not-a-number
/// is left out.
struct ValueBins
{
    double from = 0;
    double width = 1;
    std::vector<std::int64_t> counts;

    ValueBins() = default;
    ValueBins(double from, double to, int bins);

    double to() const { return from + width * double(counts.size()); }
    void add(std::span<const float> values);
};

/// A tensor's values in 128 bins on [-2^e, 2^e], the least such range that holds them all (e from -30 to
/// 30): it moves by factors of two, so that two moments can be laid over each other exactly.
ValueBins binsOf(std::span<const float> values);

} // namespace stair
