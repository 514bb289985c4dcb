#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/rule_kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/rule_kernels.h"
#include "core/ops/simd/sweep-inl.h"

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

template<typename D, typename V>
HWY_INLINE V clamped(D d, V v, float low, float high)
{
    return hn::Min(hn::Max(v, hn::Set(d, low)), hn::Set(d, high));
}

void ceilClamp(const float* u, float low, float high, float* q, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(hn::Ceil(clamped(d, hn::LoadU(d, u + i), low, high)), d, q + i);
    });
}

void roundOddClamp(const float* u, float low, float high, float* q, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto one = hn::Set(d, 1.0f);
        const auto v = clamped(d, hn::LoadU(d, u + i), low, high);
        const auto half = hn::Floor(hn::Mul(hn::Floor(v), hn::Set(d, 0.5f)));
        hn::StoreU(hn::Add(hn::Add(half, half), one), d, q + i);
    });
}

void signClamp(const float* u, float low, float high, float* q, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto below = hn::Lt(hn::LoadU(d, u + i), hn::Zero(d));
        const auto sign = hn::IfThenElse(below, hn::Set(d, -1.0f), hn::Set(d, 1.0f));
        hn::StoreU(clamped(d, sign, low, high), d, q + i);
    });
}

void thresholdsClamp(const float* u, const float* thresholds, const float* jumps, std::size_t count,
                     float first, float low, float high, float* q, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto v = hn::LoadU(d, u + i);
        auto code = hn::Set(d, first);
        for (std::size_t k = 0; k < count; ++k) {
            const auto above = hn::Lt(hn::Set(d, thresholds[k]), v);
            code = hn::Add(code, hn::IfThenElseZero(above, hn::Set(d, jumps[k])));
        }
        hn::StoreU(clamped(d, code, low, high), d, q + i);
    });
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::tile {

HWY_EXPORT(ceilClamp);
HWY_EXPORT(roundOddClamp);
HWY_EXPORT(signClamp);
HWY_EXPORT(thresholdsClamp);

void ceilClamp(const float* u, float low, float high, float* q, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(ceilClamp)(u, low, high, q, n);
}

void roundOddClamp(const float* u, float low, float high, float* q, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(roundOddClamp)(u, low, high, q, n);
}

void signClamp(const float* u, float low, float high, float* q, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(signClamp)(u, low, high, q, n);
}

void thresholdsClamp(const float* u, const float* thresholds, const float* jumps, std::size_t count,
                     float first, float low, float high, float* q, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(thresholdsClamp)(u, thresholds, jumps, count, first, low, high, q, n);
}

} // namespace stair::tile
#endif
