#pragma once

#include "core/ops/hard_rule.h"

#include <cstdint>
#include <vector>

namespace stair {

/// One channel's lowered epilogue clamp(R(f32(acc) * m + b), low, high) as integers: it is monotone
/// in acc, so it is as many comparisons as there are steps between levels (NUMERICS 4).
struct ChannelThresholds
{
    bool descending = false; // m < 0: the code falls as acc grows
    std::vector<int> levels; // the codes that R may give from low to high, ascending

    /// levels[j + 1] or more is reached where acc >= at[j] (descending: where acc <= at[j]). A
    /// threshold always reached, or never, lies at or just beyond the end of the accumulators.
    std::vector<std::int64_t> at;

    /// levels[number of thresholds reached]
    int code(std::int64_t acc) const;
};

/// The codes that clamp(R(u), low, high) takes over all u, ascending.
std::vector<int> levelsOf(const HardRule& rule, int low, int high);

/// Exact for every acc from accLow to accHigh, which fit 32 bits.
ChannelThresholds thresholds(float m, float b, const HardRule& rule, int low, int high,
                             std::int64_t accLow, std::int64_t accHigh);

} // namespace stair
