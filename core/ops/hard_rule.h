#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace stair {

/// The rule R that turns a real in grid units into a code; part of a quantizer's definition and of
/// the lowered program (NUMERICS 3).
struct HardRule
{
    enum class Kind
    {
        NearestEven, // ties to the even integer
        Ceil, // BCGD activations
        Sign, // -1 or +1, sign(0) = +1
        NearestOdd, // mid-rise grids: 2 * floor(floor(u) / 2) + 1; ties go up
        Thresholds, // power-of-two: codes[number of thresholds below u]
    };

    Kind kind = Kind::NearestEven;
    std::vector<float> thresholds; // ascending
    std::vector<float> codes; // one more than thresholds

    bool operator==(const HardRule&) const = default;
};

/// q = clamp(R(u), low, high), as whole floats.
void applyHardRule(const HardRule& rule, std::span<const float> u, float low, float high,
                   std::span<float> q);

} // namespace stair
