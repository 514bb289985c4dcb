#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/short_kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/short_kernels.h"

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace stair::shorts::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

using Wide = hn::CappedTag<std::int32_t, blockChannels>;
using Short = hn::Repartition<std::int16_t, Wide>;
using WideVec = hn::Vec<Wide>;

constexpr std::size_t lanes = hn::MaxLanes(Wide());
constexpr std::size_t vecs = blockChannels / lanes;
constexpr std::size_t rowsAtOnce = 6;

HWY_INLINE std::int32_t pairAt(const std::int16_t* factors)
{
    std::int32_t pair = 0;
    std::memcpy(&pair, factors, sizeof pair);
    return pair;
}

/// The sums of a few rows stay in registers. On x86 a pair's two products are added by one
/// instruction; the second sum stays 0.
template<std::size_t rowCount>
HWY_INLINE void multiplyRows(const Product& product, std::size_t first, std::int32_t* sums)
{
    const Wide d;
    const Short shorts;
    WideVec s[rowCount][vecs];
    const std::int16_t* a[rowCount];
    for (std::size_t i = 0; i < rowCount; ++i) {
        a[i] = product.rows[first + i];
        for (std::size_t j = 0; j < vecs; ++j)
            s[i][j] = hn::Zero(d);
    }
    const std::int16_t* b = product.weights;
    const std::size_t pairs = product.pairs;
    const std::size_t skip = product.pitch - 2 * pairs;
    for (std::size_t segment = 0; segment < product.segments; ++segment) {
        for (std::size_t p = 0; p < pairs; ++p, b += 2 * blockChannels) {
            hn::Vec<Short> vb[vecs];
            for (std::size_t j = 0; j < vecs; ++j)
                vb[j] = hn::Load(shorts, b + j * 2 * lanes);
            for (std::size_t i = 0; i < rowCount; ++i) {
                const auto va = hn::BitCast(shorts, hn::Set(d, pairAt(a[i])));
                a[i] += 2;
                for (std::size_t j = 0; j < vecs; ++j) {
                    auto none = hn::Zero(d);
                    s[i][j] = hn::ReorderWidenMulAccumulate(d, va, vb[j], s[i][j], none);
                }
            }
        }
        for (std::size_t i = 0; i < rowCount; ++i)
            a[i] += skip;
    }
    for (std::size_t i = 0; i < rowCount; ++i)
        for (std::size_t j = 0; j < vecs; ++j)
            hn::StoreU(s[i][j], d, sums + (first + i) * blockChannels + j * lanes);
}

void multiply(const Product& product, std::int32_t* sums)
{
    std::size_t row = 0;
    for (; row + rowsAtOnce <= product.rowCount; row += rowsAtOnce)
        multiplyRows<rowsAtOnce>(product, row, sums);
    for (; row + 2 <= product.rowCount; row += 2)
        multiplyRows<2>(product, row, sums);
    for (; row < product.rowCount; ++row)
        multiplyRows<1>(product, row, sums);
}

#else

void multiply(const Product& product, std::int32_t* sums)
{
    std::fill_n(sums, product.rowCount * blockChannels, 0);
    for (std::size_t row = 0; row < product.rowCount; ++row)
        for (std::size_t k = 0; k < product.segments * product.pairs; ++k) {
            const std::size_t segment = k / product.pairs, pair = k % product.pairs;
            const std::int16_t* a = product.rows[row] + segment * product.pitch + 2 * pair;
            const std::int16_t* b = product.weights + k * 2 * blockChannels;
            for (std::size_t c = 0; c < blockChannels; ++c)
                sums[row * blockChannels + c] += a[0] * b[2 * c] + a[1] * b[2 * c + 1];
        }
}

#endif

void storeFloats(const std::int32_t* sums, std::size_t rows, std::size_t channels, float* dst,
                 std::size_t stride)
{
    const hn::CappedTag<std::int32_t, blockChannels> d;
    const hn::Rebind<float, decltype(d)> df;
    const std::size_t n = hn::Lanes(d);
    for (std::size_t row = 0; row < rows; ++row) {
        const std::int32_t* from = sums + row * blockChannels;
        float* to = dst + row * stride;
        std::size_t c = 0;
        for (; c + n <= channels; c += n)
            hn::StoreU(hn::ConvertTo(df, hn::LoadU(d, from + c)), df, to + c);
        for (; c < channels; ++c)
            to[c] = float(from[c]);
    }
}

/// Codes of any length by vectors, then one by one: body(tag, index).
template<class Body>
HWY_INLINE void sweepShorts(std::size_t n, const Body& body)
{
    const hn::ScalableTag<std::int16_t> d;
    const hn::CappedTag<std::int16_t, 1> one;
    std::size_t i = 0;
    for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d))
        body(d, i);
    for (; i < n; ++i)
        body(one, i);
}

template<class D>
HWY_INLINE hn::Vec<D> loadWide(D d, const std::uint8_t* codes, bool isSigned)
{
    const hn::Rebind<std::uint8_t, D> bytes;
    const hn::Rebind<std::int8_t, D> signedBytes;
    const auto raw = hn::LoadU(bytes, codes);
    return isSigned ? hn::PromoteTo(d, hn::BitCast(signedBytes, raw)) : hn::PromoteTo(d, raw);
}

void widen(const std::uint8_t* codes, bool isSigned, std::int16_t* dst, std::size_t n)
{
    sweepShorts(n, [&](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(loadWide(d, codes + i, isSigned), d, dst + i);
    });
}

void transformTile(const std::uint8_t* const* pixels, bool isSigned, std::size_t channels,
                   std::int16_t* dst, std::size_t stride)
{
    sweepShorts(channels, [&](auto d, std::size_t i) HWY_ATTR {
        using V = hn::Vec<decltype(d)>;
        V rows[4][4]; // B^T d
        for (std::size_t x = 0; x < 4; ++x) {
            const V d0 = loadWide(d, pixels[x] + i, isSigned);
            const V d1 = loadWide(d, pixels[4 + x] + i, isSigned);
            const V d2 = loadWide(d, pixels[8 + x] + i, isSigned);
            const V d3 = loadWide(d, pixels[12 + x] + i, isSigned);
            rows[0][x] = hn::Sub(d0, d2);
            rows[1][x] = hn::Add(d1, d2);
            rows[2][x] = hn::Sub(d2, d1);
            rows[3][x] = hn::Sub(d1, d3);
        }
        for (std::size_t y = 0; y < 4; ++y) {
            const V* r = rows[y];
            std::int16_t* to = dst + 4 * y * stride + i;
            hn::StoreU(hn::Sub(r[0], r[2]), d, to);
            hn::StoreU(hn::Add(r[1], r[2]), d, to + stride);
            hn::StoreU(hn::Sub(r[2], r[1]), d, to + 2 * stride);
            hn::StoreU(hn::Sub(r[1], r[3]), d, to + 3 * stride);
        }
    });
}

template<class D>
HWY_INLINE void finishLanes(D d, const std::int32_t* sums, std::size_t stride, std::size_t c,
                            float* const* dst)
{
    using V = hn::Vec<D>;
    const hn::Rebind<float, D> df;
    V rows[2][4]; // A^T M
    for (std::size_t x = 0; x < 4; ++x) {
        const V m0 = hn::LoadU(d, sums + x * stride + c);
        const V m1 = hn::LoadU(d, sums + (4 + x) * stride + c);
        const V m2 = hn::LoadU(d, sums + (8 + x) * stride + c);
        const V m3 = hn::LoadU(d, sums + (12 + x) * stride + c);
        rows[0][x] = hn::Add(hn::Add(m0, m1), m2);
        rows[1][x] = hn::Sub(hn::Sub(m1, m2), m3);
    }
    for (std::size_t y = 0; y < 2; ++y) {
        const V* r = rows[y];
        const V left = hn::Add(hn::Add(r[0], r[1]), r[2]);
        const V right = hn::Sub(hn::Sub(r[1], r[2]), r[3]);
        // Four times a whole number.
        if (dst[2 * y])
            hn::StoreU(hn::ConvertTo(df, hn::ShiftRight<2>(left)), df, dst[2 * y] + c);
        if (dst[2 * y + 1])
            hn::StoreU(hn::ConvertTo(df, hn::ShiftRight<2>(right)), df, dst[2 * y + 1] + c);
    }
}

void finishTile(const std::int32_t* sums, std::size_t stride, std::size_t channels,
                float* const* dst)
{
    const hn::CappedTag<std::int32_t, blockChannels> d;
    const hn::CappedTag<std::int32_t, 1> one;
    std::size_t c = 0;
    for (; c + hn::Lanes(d) <= channels; c += hn::Lanes(d))
        finishLanes(d, sums, stride, c, dst);
    for (; c < channels; ++c)
        finishLanes(one, sums, stride, c, dst);
}

} // namespace stair::shorts::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::shorts {

HWY_EXPORT(multiply);
HWY_EXPORT(storeFloats);
HWY_EXPORT(widen);
HWY_EXPORT(transformTile);
HWY_EXPORT(finishTile);

void multiply(const Product& product, std::int32_t* sums)
{
    HWY_DYNAMIC_DISPATCH(multiply)(product, sums);
}

void storeFloats(const std::int32_t* sums, std::size_t rows, std::size_t channels, float* dst,
                 std::size_t stride)
{
    HWY_DYNAMIC_DISPATCH(storeFloats)(sums, rows, channels, dst, stride);
}

void widen(const std::uint8_t* codes, bool isSigned, std::int16_t* dst, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(widen)(codes, isSigned, dst, n);
}

void transformTile(const std::uint8_t* const* pixels, bool isSigned, std::size_t channels,
                   std::int16_t* dst, std::size_t stride)
{
    HWY_DYNAMIC_DISPATCH(transformTile)(pixels, isSigned, channels, dst, stride);
}

void finishTile(const std::int32_t* sums, std::size_t stride, std::size_t channels,
                float* const* dst)
{
    HWY_DYNAMIC_DISPATCH(finishTile)(sums, stride, channels, dst);
}

} // namespace stair::shorts
#endif
