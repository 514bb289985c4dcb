#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/bit_packing.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/bit_kernels.h"

#include <hwy/highway.h>

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace stair::bits::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Bit `bit` of 64 bytes.
template<class Prepare>
HWY_INLINE std::uint64_t bitOf64(const std::uint8_t* codes, int bit, const Prepare& prepare)
{
    const hn::CappedTag<std::uint8_t, 64> d;
    constexpr std::size_t lanes = hn::MaxLanes(decltype(d)());
    const auto tested = hn::Set(d, std::uint8_t(1u << bit));
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 64; i += lanes) {
        const auto isSet = hn::TestBit(prepare(d, hn::LoadU(d, codes + i)), tested);
        std::uint8_t bits[8] = {};
        hn::StoreMaskBits(d, isSet, bits);
        std::uint64_t some = 0;
        std::memcpy(&some, bits, sizeof some);
        if constexpr (lanes < 64)
            some &= (std::uint64_t(1) << lanes) - 1;
        word |= some << i;
    }
    return word;
}

HWY_INLINE std::uint64_t planeOf64(const std::uint8_t* codes, const PlaneSource& source, int plane)
{
    if (!source.signs)
        return bitOf64(codes, plane, [](auto, auto v) HWY_ATTR { return v; });
    // greatest - code is even.
    return bitOf64(codes, plane + 1, [&](auto d, auto v) HWY_ATTR {
        return hn::Sub(hn::Set(d, source.greatest), v);
    });
}

void packPlanesHere(const std::uint8_t* codes, std::size_t channels, const PlaneSource& source,
                    std::uint64_t* words)
{
    const std::size_t whole = channels / 64, rest = channels % 64;
    const std::size_t stride = whole + (rest > 0);
    for (int plane = 0; plane < source.planes; ++plane)
        for (std::size_t i = 0; i < whole; ++i)
            words[std::size_t(plane) * stride + i] = planeOf64(codes + 64 * i, source, plane);
    if (rest == 0)
        return;
    std::uint8_t last[64] = {};
    std::memcpy(last, codes + 64 * whole, rest);
    for (int plane = 0; plane < source.planes; ++plane)
        words[std::size_t(plane) * stride + whole]
            = planeOf64(last, source, plane) & ((std::uint64_t(1) << rest) - 1);
}

} // namespace stair::bits::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::bits {

HWY_EXPORT(packPlanesHere);

void packPlanes(const std::uint8_t* codes, std::size_t channels, const PlaneSource& source,
                std::uint64_t* words)
{
    HWY_DYNAMIC_DISPATCH(packPlanesHere)(codes, channels, source, words);
}

} // namespace stair::bits
#endif
