#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/gradient_kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/gradient_kernels.h"
#include "core/ops/simd/sweep-inl.h"

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

void raisePeaks(const float* x, float* peaks, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(hn::Max(hn::LoadU(d, peaks + i), hn::Abs(hn::LoadU(d, x + i))), d, peaks + i);
    });
}

void countBeyond(const float* x, const float* limits, float* counts, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto isBeyond = hn::Gt(hn::Abs(hn::LoadU(d, x + i)), hn::LoadU(d, limits + i));
        const auto one = hn::IfThenElseZero(isBeyond, hn::Set(d, 1.0f));
        hn::StoreU(hn::Add(hn::LoadU(d, counts + i), one), d, counts + i);
    });
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::tile {

HWY_EXPORT(raisePeaks);
HWY_EXPORT(countBeyond);

void raisePeaks(const float* x, float* peaks, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(raisePeaks)(x, peaks, n);
}

void countBeyond(const float* x, const float* limits, float* counts, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(countBeyond)(x, limits, counts, n);
}

} // namespace stair::tile
#endif
