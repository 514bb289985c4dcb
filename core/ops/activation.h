#pragma once

#include <limits>

namespace stair {

/// A clamp of the reals: every activation here is one.
struct Activation
{
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();

    static Activation none() { return {}; }
    static Activation relu() { return {.low = 0}; }
    static Activation relu6() { return {.low = 0, .high = 6}; }
    static Activation hardTanh() { return {.low = -1, .high = 1}; }

    /// No value below zero leaves it, so an unsigned grid can carry it.
    bool isNonNegative() const { return low >= 0; }

    bool operator==(const Activation&) const = default;
};

} // namespace stair
