#pragma once

#include <cstddef>

/// The hard rules R (see core/ops/hard_rule.h) on tiles: q = clamp(R(u), low, high), as whole
/// floats. Any length; no alignment; q may be u.
namespace stair::tile {

/// The least integer not below u.
void ceilClamp(const float* u, float low, float high, float* q, std::size_t n);

/// The nearest odd integer, ties up: 2 * floor(u / 2) + 1. `low` and `high` are odd.
void roundOddClamp(const float* u, float low, float high, float* q, std::size_t n);

/// -1 below zero, else +1.
void signClamp(const float* u, float low, float high, float* q, std::size_t n);

/// first, plus jumps[i] for every thresholds[i] below u.
void thresholdsClamp(const float* u, const float* thresholds, const float* jumps, std::size_t count,
                     float first, float low, float high, float* q, std::size_t n);

} // namespace stair::tile
