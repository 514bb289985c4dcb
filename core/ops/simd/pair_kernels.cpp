#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/pair_kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/pair_kernels.h"

#include <hwy/highway.h>

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

constexpr std::size_t rowsAtOnce = 4;

HWY_INLINE std::int32_t pairAt(const std::int16_t* factors)
{
    std::int32_t pair = 0;
    std::memcpy(&pair, factors, sizeof pair);
    return pair;
}

/// sum + the pair's products, lane by lane. On x86 this is one instruction that multiplies and adds
/// neighbours; its second sum stays 0.
template<class D, class V, class B>
HWY_INLINE V addPair(D d, const std::int16_t* factors, B b, V sum)
{
    const hn::Repartition<std::int16_t, D> shorts;
    auto none = hn::Zero(d);
    return hn::ReorderWidenMulAccumulate(d, hn::BitCast(shorts, hn::Set(d, pairAt(factors))), b,
                                         sum, none);
}

template<class D>
HWY_INLINE void addOneRow(D d, const PairRow& row, const std::int16_t* b, std::size_t stride,
                          std::size_t pairs, std::size_t column)
{
    const hn::Repartition<std::int16_t, D> shorts;
    auto sum = hn::LoadU(d, row.sums + column);
    for (std::size_t p = 0; p < pairs; ++p)
        sum = addPair(d, row.factors + 2 * p, hn::LoadU(shorts, b + p * stride + 2 * column), sum);
    hn::StoreU(sum, d, row.sums + column);
}

/// Four rows share each load of b; their sums stay in registers.
template<class D>
HWY_INLINE void addFourRows(D d, const PairRow* rows, const std::int16_t* b, std::size_t stride,
                            std::size_t pairs, std::size_t column)
{
    const hn::Repartition<std::int16_t, D> shorts;
    auto s0 = hn::LoadU(d, rows[0].sums + column);
    auto s1 = hn::LoadU(d, rows[1].sums + column);
    auto s2 = hn::LoadU(d, rows[2].sums + column);
    auto s3 = hn::LoadU(d, rows[3].sums + column);
    for (std::size_t p = 0; p < pairs; ++p) {
        const auto vb = hn::LoadU(shorts, b + p * stride + 2 * column);
        s0 = addPair(d, rows[0].factors + 2 * p, vb, s0);
        s1 = addPair(d, rows[1].factors + 2 * p, vb, s1);
        s2 = addPair(d, rows[2].factors + 2 * p, vb, s2);
        s3 = addPair(d, rows[3].factors + 2 * p, vb, s3);
    }
    hn::StoreU(s0, d, rows[0].sums + column);
    hn::StoreU(s1, d, rows[1].sums + column);
    hn::StoreU(s2, d, rows[2].sums + column);
    hn::StoreU(s3, d, rows[3].sums + column);
}

template<class D>
HWY_INLINE void addColumns(D d, const PairRow* rows, std::size_t rowCount, const std::int16_t* b,
                           std::size_t stride, std::size_t pairs, std::size_t column)
{
    std::size_t i = 0;
    for (; i + rowsAtOnce <= rowCount; i += rowsAtOnce)
        addFourRows(d, rows + i, b, stride, pairs, column);
    for (; i < rowCount; ++i)
        addOneRow(d, rows[i], b, stride, pairs, column);
}

#endif

/// What is left of the columns, in plain C++.
void addRest(const PairRow* rows, std::size_t rowCount, const std::int16_t* b, std::size_t stride,
             std::size_t pairs, std::size_t column, std::size_t columns)
{
    for (std::size_t i = 0; i < rowCount; ++i) {
        for (std::size_t p = 0; p < pairs; ++p) {
            const std::int16_t* factors = rows[i].factors + 2 * p;
            for (std::size_t c = column; c < columns; ++c)
                rows[i].sums[c]
                    += factors[0] * b[p * stride + 2 * c] + factors[1] * b[p * stride + 2 * c + 1];
        }
    }
}

void addPairProducts(const PairRow* rows, std::size_t rowCount, const std::int16_t* b,
                     std::size_t stride, std::size_t pairs, std::size_t columns)
{
    std::size_t column = 0;
#if HWY_TARGET != HWY_SCALAR
    const hn::ScalableTag<std::int32_t> wide;
    const hn::CappedTag<std::int32_t, 4> narrow;
    for (; column + hn::Lanes(wide) <= columns; column += hn::Lanes(wide))
        addColumns(wide, rows, rowCount, b, stride, pairs, column);
    for (; column + hn::Lanes(narrow) <= columns; column += hn::Lanes(narrow))
        addColumns(narrow, rows, rowCount, b, stride, pairs, column);
#endif
    addRest(rows, rowCount, b, stride, pairs, column, columns);
}

template<class D>
HWY_INLINE void addShorts(D d, const std::int16_t* a, const std::int16_t* b, std::int32_t* sums)
{
    const hn::Rebind<std::int16_t, D> shorts;
    const auto product
        = hn::Mul(hn::PromoteTo(d, hn::LoadU(shorts, a)), hn::PromoteTo(d, hn::LoadU(shorts, b)));
    hn::StoreU(hn::Add(hn::LoadU(d, sums), product), d, sums);
}

void addShortProducts(const std::int16_t* a, const std::int16_t* b, std::int32_t* sums,
                      std::size_t n)
{
    const hn::ScalableTag<std::int32_t> wide;
    const hn::CappedTag<std::int32_t, 1> one;
    std::size_t i = 0;
    for (; i + hn::Lanes(wide) <= n; i += hn::Lanes(wide))
        addShorts(wide, a + i, b + i, sums + i);
    for (; i < n; ++i)
        addShorts(one, a + i, b + i, sums + i);
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::tile {

HWY_EXPORT(addPairProducts);
HWY_EXPORT(addShortProducts);

void addPairProducts(const PairRow* rows, std::size_t rowCount, const std::int16_t* b,
                     std::size_t stride, std::size_t pairs, std::size_t columns)
{
    HWY_DYNAMIC_DISPATCH(addPairProducts)(rows, rowCount, b, stride, pairs, columns);
}

void addShortProducts(const std::int16_t* a, const std::int16_t* b, std::int32_t* sums,
                      std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(addShortProducts)(a, b, sums, n);
}

} // namespace stair::tile
#endif
