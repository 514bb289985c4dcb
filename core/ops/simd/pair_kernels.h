#pragma once

#include <cstddef>
#include <cstdint>

/// Products of 16-bit integers summed in 32 bits, exact while the sums fit. Pointers need no
/// alignment.
namespace stair::tile {

/// One row of a matrix product: its factors, two for each pair, and its sums.
struct PairRow
{
    const std::int16_t* factors;
    std::int32_t* sums;
};

/// sums[c] += sum over p of factors[2p] * b[p][2c] + factors[2p + 1] * b[p][2c + 1], for every row.
/// b holds two rows of a matrix in one, column by column; `stride` is the distance of b[p + 1].
void addPairProducts(const PairRow* rows, std::size_t rowCount, const std::int16_t* b,
                     std::size_t stride, std::size_t pairs, std::size_t columns);

/// sums[i] += a[i] * b[i]
void addShortProducts(const std::int16_t* a, const std::int16_t* b, std::int32_t* sums,
                      std::size_t n);

} // namespace stair::tile
