#pragma once

#include <cstddef>
#include <cstdint>

/// Smooth stand-ins for rounding, on tiles. `soft...` writes v = R(min(max(u, low), high));
/// `...Slope` multiplies R'(u) into g. All have fixed points at every integer and half-integer, and a slope that averages
/// 1 over each unit cell. Any length; no alignment; v may be u.
namespace stair::tile {

/// ASR, form A: m + atan(k r) / (2 atan(k/2)), m = floor(u) + 1/2, r = u - m.
void softArctan(const float* u, float k, float low, float high, float* v, std::size_t n);
void arctanSlope(const float* u, float k, float* g, std::size_t n);

/// ASR, form B: n + atan(kappa tan(pi d)) / pi, n the nearest integer, d = u - n; 0 < kappa <= 1.
void softPeriodic(const float* u, float kappa, float low, float high, float* v, std::size_t n);
void periodicSlope(const float* u, float kappa, float* g, std::size_t n);

/// Agustsson and Theis: m + tanh(a r) / (2 tanh(a/2)); 0 < a <= 80.
void softTanh(const float* u, float a, float low, float high, float* v, std::size_t n);
void tanhSlope(const float* u, float a, float* g, std::size_t n);

/// out = tanh(x), by Highway; within a few units in the last place.
void hyperbolicTangent(const float* x, float* out, std::size_t n);

/// v = min(max(floor(u + draw), qn), qp), the draw uniform in [0, 1), a multiple of 2^-24. Element i
/// draws by first + i and the two keys alone: a counter hashed with the 32-bit mixer of
/// Wellons' hash prospector (multipliers 0x7feb352d and 0x846ca68b).
void floorRandomly(const float* u, std::uint32_t first, std::uint32_t key, std::uint32_t secondKey,
                   float qn, float qp, float* v, std::size_t n);

/// g *= 1 + lambda sign(g) (u - q): MDE, EWGS.
void discretizationFactor(const float* u, const float* q, float lambda, float* g, std::size_t n);

} // namespace stair::tile
