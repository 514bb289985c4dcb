// Included once for every instruction set; see Highway's -inl.h convention.
#if defined(STAIR_EXP2_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef STAIR_EXP2_INL_H
#undef STAIR_EXP2_INL_H
#else
#define STAIR_EXP2_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

/// (2^f - 1) / f for |f| <= 1/2, a minimax polynomial: 2^f made of it is right to 1.1e-7.
template<typename D, typename V>
HWY_INLINE V exp2Secant(D d, V f)
{
    namespace hn = hwy::HWY_NAMESPACE;
    auto series = hn::Set(d, 1.3264739e-3f);
    for (const float c : {9.67151672e-3f, 5.55073358e-2f, 2.40222424e-1f, 6.93147004e-1f})
        series = hn::MulAdd(series, f, hn::Set(d, c));
    return series;
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
