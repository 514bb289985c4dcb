// Included once for every instruction set; see Highway's -inl.h convention.
#if defined(STAIR_BIT_COUNT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef STAIR_BIT_COUNT_INL_H
#undef STAIR_BIT_COUNT_INL_H
#else
#define STAIR_BIT_COUNT_INL_H
#endif

#include "core/ops/simd/bit_kernels.h"

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace stair::bits::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::uint64_t, blockChannels>;
using Sums = hn::RebindToSigned<Words>;
using WordVec = hn::Vec<Words>;
using SumVec = hn::Vec<Sums>;

constexpr std::size_t lanes = hn::MaxLanes(Words());
constexpr std::size_t vecsPerBlock = blockChannels / lanes;
constexpr std::size_t blocksAtOnce = lanes == blockChannels ? 4 : 1;

// Without an instruction for it, bits are counted byte by byte with a table of nibbles, and bytes
// added up to words only before they overflow.
constexpr std::size_t stepsToOverflow = 255 / 8;

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3

constexpr bool countsBytes = true;
using Bytes = hn::Repartition<std::uint8_t, Words>;

HWY_INLINE WordVec addBits(WordVec counts, WordVec x)
{
    HWY_ALIGN static constexpr std::uint8_t bitsOf[16]
        = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
    const Bytes d8;
    const hn::Repartition<std::uint16_t, Words> d16;
    const auto table = hn::LoadDup128(d8, bitsOf);
    const auto nibble = hn::Set(d8, std::uint8_t(15));
    const auto low = hn::And(hn::BitCast(d8, x), nibble);
    const auto high = hn::And(hn::BitCast(d8, hn::ShiftRight<4>(hn::BitCast(d16, x))), nibble);
    const auto added = hn::Add(hn::TableLookupBytes(table, low), hn::TableLookupBytes(table, high));
    return hn::BitCast(Words(), hn::Add(hn::BitCast(d8, counts), added));
}

HWY_INLINE WordVec sumsOfBytes(WordVec counts)
{
    return hn::SumsOf8(hn::BitCast(Bytes(), counts));
}

#else

constexpr bool countsBytes = false;

HWY_INLINE WordVec addBits(WordVec counts, WordVec x)
{
    return hn::Add(counts, hn::PopulationCount(x));
}

HWY_INLINE WordVec sumsOfBytes(WordVec counts)
{
    return counts;
}

#endif

/// One of a tap's words under the weights of a vector of channels.
template<Mode mode>
HWY_INLINE WordVec difference(const std::uint64_t* source, const std::uint64_t* weights,
                              std::size_t i)
{
    const Words d;
    constexpr std::size_t parts = mode == Mode::MaskedWeights ? 2 : 1;
    const std::uint64_t* from = weights + i * parts * blockChannels;
    const auto x = hn::Xor(hn::Set(d, source[i]), hn::Load(d, from));
    if constexpr (mode == Mode::MaskedWeights)
        return hn::And(x, hn::Load(d, from + blockChannels));
    else
        return x;
}

/// A full adder of three bits in each place: sum becomes their sum, the result is what it carries.
HWY_INLINE WordVec addCarrying(WordVec& sum, WordVec x, WordVec y)
{
    const auto u = hn::Xor(sum, x);
    const auto carry = hn::Or(hn::And(sum, x), hn::And(u, y));
    sum = hn::Xor(u, y);
    return carry;
}

/// The bits of all words by carry-save adders (Harley and Seal; Mula, Kurz and Lemire 2018): of eight
/// words one is counted.
template<Mode mode>
HWY_INLINE WordVec countAll(const std::uint64_t* source, const std::uint64_t* weights,
                            std::size_t words)
{
    const Words d;
    const auto zero = hn::Zero(d);
    auto ones = zero, twos = zero, fours = zero, eights = zero, rest = zero, total = zero;
    std::size_t i = 0, groups = 0;
    for (; i + 8 <= words; i += 8) {
        const auto word = [&](std::size_t k) HWY_ATTR {
            return difference<mode>(source, weights, i + k);
        };
        const auto twosA = addCarrying(ones, word(0), word(1));
        const auto twosB = addCarrying(ones, word(2), word(3));
        const auto foursA = addCarrying(twos, twosA, twosB);
        const auto twosC = addCarrying(ones, word(4), word(5));
        const auto twosD = addCarrying(ones, word(6), word(7));
        const auto foursB = addCarrying(twos, twosC, twosD);
        eights = addBits(eights, addCarrying(fours, foursA, foursB));
        if (++groups == stepsToOverflow) {
            total = hn::Add(total, sumsOfBytes(eights));
            eights = zero;
            groups = 0;
        }
    }
    for (; i < words; ++i)
        rest = addBits(rest, difference<mode>(source, weights, i));
    // At most 64 + 16 + 32 a byte.
    rest = addBits(rest, ones);
    const auto pairs = addBits(hn::ShiftLeft<1>(addBits(zero, fours)), twos);
    rest = hn::Add(rest, hn::ShiftLeft<1>(pairs));
    total = hn::Add(total, sumsOfBytes(eights));
    return hn::Add(hn::ShiftLeft<3>(total), sumsOfBytes(rest));
}

} // namespace stair::bits::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
