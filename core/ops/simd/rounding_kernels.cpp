#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/rounding_kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/exp2-inl.h"
#include "core/ops/simd/rounding_kernels.h"
#include "core/ops/simd/sweep-inl.h"

#include <hwy/contrib/math/math-inl.h>

#include <cmath>
#include <numbers>

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

constexpr float pi = std::numbers::pi_v<float>;

/// floor(u) + 1/2
template<typename D, typename V>
HWY_INLINE V cellCentre(D d, V u)
{
    return hn::Add(hn::Floor(u), hn::Set(d, 0.5f));
}

/// min(max(u, low), high)
template<typename D>
HWY_INLINE auto bounded(D d, const float* u, float low, float high)
{
    return hn::Min(hn::Max(hn::LoadU(d, u), hn::Set(d, low)), hn::Set(d, high));
}

void softArctan(const float* u, float k, float low, float high, float* v, std::size_t n)
{
    const float factor = 0.5f / std::atan(k / 2);
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto x = bounded(d, u + i, low, high);
        const auto m = cellCentre(d, x);
        const auto bend = hn::Atan(d, hn::Mul(hn::Set(d, k), hn::Sub(x, m)));
        hn::StoreU(hn::Add(m, hn::Mul(bend, hn::Set(d, factor))), d, v + i);
    });
}

void arctanSlope(const float* u, float k, float* g, std::size_t n)
{
    const float factor = 0.5f * k / std::atan(k / 2);
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto x = hn::LoadU(d, u + i);
        const auto kr = hn::Mul(hn::Set(d, k), hn::Sub(x, cellCentre(d, x)));
        const auto slope = hn::Div(hn::Set(d, factor), hn::Add(hn::Set(d, 1.0f), hn::Mul(kr, kr)));
        hn::StoreU(hn::Mul(hn::LoadU(d, g + i), slope), d, g + i);
    });
}

void softPeriodic(const float* u, float kappa, float low, float high, float* v, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto x = bounded(d, u + i, low, high);
        const auto whole = hn::Round(x);
        const auto angle = hn::Mul(hn::Set(d, pi), hn::Sub(x, whole));
        const auto tangent = hn::Div(hn::Sin(d, angle), hn::Cos(d, angle));
        const auto bend = hn::Atan(d, hn::Mul(hn::Set(d, kappa), tangent));
        hn::StoreU(hn::Add(whole, hn::Mul(bend, hn::Set(d, 1 / pi))), d, v + i);
    });
}

void periodicSlope(const float* u, float kappa, float* g, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto x = hn::LoadU(d, u + i);
        const auto s = hn::Sin(d, hn::Mul(hn::Set(d, pi), hn::Sub(x, hn::Round(x))));
        const auto square = hn::Mul(s, s);
        const auto below
            = hn::Sub(hn::Set(d, 1.0f), hn::Mul(hn::Set(d, 1 - kappa * kappa), square));
        const auto slope = hn::Div(hn::Set(d, kappa), below);
        hn::StoreU(hn::Mul(hn::LoadU(d, g + i), slope), d, g + i);
    });
}

/// e = exp(-2 a r), of which tanh(a r) = (1 - e) / (1 + e) and its slope 4 e / (1 + e)^2 are made:
/// cheaper than Highway's tanh, and the slope keeps its digits where tanh is near 1. `power` is
/// -2 a log2(e); it moves r by less than 2^126 either way. Relative error below 3e-7.
template<typename D, typename V>
HWY_INLINE V tanhBase(D d, V r, float power)
{
    // Adding the offset rounds to a whole number and leaves it, plus a float's bias, in the low bits.
    const auto offset = hn::Set(d, 0x1.8p23f + 127);
    const auto k = hn::Set(d, power);
    const auto shifted = hn::MulAdd(r, k, offset);
    const auto f = hn::MulSub(r, k, hn::Sub(shifted, offset));
    const hn::RebindToSigned<D> bits;
    const auto scale = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(bits, shifted)));
    return hn::Mul(hn::MulAdd(exp2Secant(d, f), f, hn::Set(d, 1.0f)), scale);
}

constexpr float twoLog2E = 2.88539008f;

void softTanh(const float* u, float a, float low, float high, float* v, std::size_t n)
{
    const float factor = 0.5f / std::tanh(a / 2);
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto x = bounded(d, u + i, low, high);
        const auto m = cellCentre(d, x);
        const auto e = tanhBase(d, hn::Sub(x, m), -twoLog2E * a);
        const auto one = hn::Set(d, 1.0f);
        const auto bend = hn::Div(hn::Sub(one, e), hn::Add(one, e));
        hn::StoreU(hn::MulAdd(bend, hn::Set(d, factor), m), d, v + i);
    });
}

void tanhSlope(const float* u, float a, float* g, std::size_t n)
{
    const float factor = 2 * a / std::tanh(a / 2);
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto x = hn::LoadU(d, u + i);
        const auto e = tanhBase(d, hn::Sub(x, cellCentre(d, x)), -twoLog2E * a);
        const auto below = hn::Add(hn::Set(d, 1.0f), e);
        const auto slope = hn::Div(hn::Mul(hn::Set(d, factor), e), hn::Mul(below, below));
        hn::StoreU(hn::Mul(hn::LoadU(d, g + i), slope), d, g + i);
    });
}

void hyperbolicTangent(const float* x, float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(hn::Tanh(d, hn::LoadU(d, x + i)), d, out + i);
    });
}

/// Highway's Iota writes its lanes to memory for each vector; the widest has 16.
constexpr std::uint32_t countUp[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// A 32-bit mixer; the second key enters between its multiplications.
template<typename D, typename V>
HWY_INLINE V mixed(D d, V x, V secondKey)
{
    x = hn::Xor(x, hn::ShiftRight<16>(x));
    x = hn::Add(hn::Mul(x, hn::Set(d, 0x7feb352du)), secondKey);
    x = hn::Xor(x, hn::ShiftRight<15>(x));
    x = hn::Mul(x, hn::Set(d, 0x846ca68bu));
    return hn::Xor(x, hn::ShiftRight<16>(x));
}

void floorRandomly(const float* u, std::uint32_t first, std::uint32_t key, std::uint32_t secondKey,
                   float qn, float qp, float* v, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const hn::RebindToUnsigned<decltype(d)> bits;
        const auto index
            = hn::Add(hn::LoadU(bits, countUp), hn::Set(bits, first + std::uint32_t(i)));
        const auto hash = mixed(bits, hn::Add(index, hn::Set(bits, key)), hn::Set(bits, secondKey));
        const hn::RebindToSigned<decltype(d)> whole;
        const auto draw = hn::ConvertTo(d, hn::BitCast(whole, hn::ShiftRight<8>(hash)));
        const auto sum = hn::Add(hn::LoadU(d, u + i), hn::Mul(draw, hn::Set(d, 0x1p-24f)));
        const auto raised = hn::Max(hn::Floor(sum), hn::Set(d, qn));
        hn::StoreU(hn::Min(raised, hn::Set(d, qp)), d, v + i);
    });
}

void discretizationFactor(const float* u, const float* q, float lambda, float* g, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto x = hn::LoadU(d, g + i);
        const auto error = hn::Sub(hn::LoadU(d, u + i), hn::LoadU(d, q + i));
        const auto pull = hn::Mul(hn::Set(d, lambda), hn::CopySign(error, hn::Xor(error, x)));
        hn::StoreU(hn::Mul(x, hn::Add(hn::Set(d, 1.0f), pull)), d, g + i);
    });
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::tile {

HWY_EXPORT(softArctan);
HWY_EXPORT(arctanSlope);
HWY_EXPORT(softPeriodic);
HWY_EXPORT(periodicSlope);
HWY_EXPORT(softTanh);
HWY_EXPORT(tanhSlope);
HWY_EXPORT(hyperbolicTangent);
HWY_EXPORT(floorRandomly);
HWY_EXPORT(discretizationFactor);

void softArctan(const float* u, float k, float low, float high, float* v, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(softArctan)(u, k, low, high, v, n);
}

void arctanSlope(const float* u, float k, float* g, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(arctanSlope)(u, k, g, n);
}

void softPeriodic(const float* u, float kappa, float low, float high, float* v, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(softPeriodic)(u, kappa, low, high, v, n);
}

void periodicSlope(const float* u, float kappa, float* g, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(periodicSlope)(u, kappa, g, n);
}

void softTanh(const float* u, float a, float low, float high, float* v, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(softTanh)(u, a, low, high, v, n);
}

void tanhSlope(const float* u, float a, float* g, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(tanhSlope)(u, a, g, n);
}

void hyperbolicTangent(const float* x, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(hyperbolicTangent)(x, out, n);
}

void floorRandomly(const float* u, std::uint32_t first, std::uint32_t key, std::uint32_t secondKey,
                   float qn, float qp, float* v, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(floorRandomly)(u, first, key, secondKey, qn, qp, v, n);
}

void discretizationFactor(const float* u, const float* q, float lambda, float* g, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(discretizationFactor)(u, q, lambda, g, n);
}

} // namespace stair::tile
#endif
