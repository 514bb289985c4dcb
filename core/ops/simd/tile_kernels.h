#pragma once

#include <cstddef>
#include <cstdint>

/// Elementwise loops over short runs of floats that stay in the first-level cache ("tiles"), each
/// compiled for every instruction set and chosen at run time. Products and sums are rounded
/// separately, never fused. Any length; pointers need no alignment; `out` may equal an input.
namespace stair::tile {

/// out = y * m + b
void affine(const float* y, const float* m, const float* b, float* out, std::size_t n);

/// out = a * g + (b * y + c)
void affinePair(const float* g, const float* y, const float* a, const float* b, const float* c,
                float* out, std::size_t n);

/// out = x * factor
void scale(const float* x, float factor, float* out, std::size_t n);

/// out = x + y
void add(const float* x, const float* y, float* out, std::size_t n);

/// out = x * y
void multiply(const float* x, const float* y, float* out, std::size_t n);

/// out = min(max(x, low), high)
void clamp(const float* x, float low, float high, float* out, std::size_t n);

/// out = y where it is greater than x, else x
void greater(const float* x, const float* y, float* out, std::size_t n);
void greater(const std::int8_t* x, const std::int8_t* y, std::int8_t* out, std::size_t n);
void greater(const std::uint8_t* x, const std::uint8_t* y, std::uint8_t* out, std::size_t n);

/// out = g where low < x < high, else 0
void maskOpen(const float* x, float low, float high, const float* g, float* out, std::size_t n);

/// q = min(max(nearest integer to u, ties to even, qn), qp)
void roundClamp(const float* u, float qn, float qp, float* q, std::size_t n);

/// out = the IEEE half (binary16) nearest to x, ties to even, as a float; beyond +-65504 it stays
/// there. NaN stays NaN.
void roundToHalf(const float* x, float* out, std::size_t n);

/// Whole numbers as bytes: int8_t when isSigned, else uint8_t.
void pack(const float* q, bool isSigned, std::uint8_t* dst, std::size_t n);

/// dst = code * factor
void unpack(const std::uint8_t* codes, bool isSigned, float factor, float* dst, std::size_t n);

/// sum[i] += x[i]; square[i] += x[i] * x[i], in double
void addMoments(const float* x, double* sum, double* square, std::size_t n);

/// sum[i] += g[i]; product[i] += g[i] * y[i], in double
void addProducts(const float* g, const float* y, double* sum, double* product, std::size_t n);

/// Sum of |x|, in double; the order of the additions does not depend on the instruction set.
double absSum(const float* x, std::size_t n);
float absMax(const float* x, std::size_t n);

/// Sum of g * (q - u inside qn < u < qp, q - beyond outside): with beyond = 0 the derivative of q * s
/// for s (LSQ).
double stepGradient(const float* g, const float* u, const float* q, float qn, float qp,
                    float beyond, std::size_t n);

/// Sum of g where low < u < high, in double.
double sumBetween(const float* g, const float* u, float low, float high, std::size_t n);

/// Sum of all the other g.
double sumOutside(const float* g, const float* u, float low, float high, std::size_t n);

} // namespace stair::tile
