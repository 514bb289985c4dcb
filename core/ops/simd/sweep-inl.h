// Included once for every instruction set; see Highway's -inl.h convention.
#if defined(STAIR_SWEEP_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef STAIR_SWEEP_INL_H
#undef STAIR_SWEEP_INL_H
#else
#define STAIR_SWEEP_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Wide = hn::ScalableTag<float>;
using One = hn::CappedTag<float, 1>;

/// Calls body(tag, i) for whole vectors, then one element at a time.
template<typename Body>
HWY_INLINE void sweep(std::size_t n, const Body& body)
{
    const Wide wide;
    const std::size_t lanes = hn::Lanes(wide);
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes)
        body(wide, i);
    for (; i < n; ++i)
        body(One(), i);
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
