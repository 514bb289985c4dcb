#pragma once

#include "core/tensor/tensor.h"

#include <vector>

namespace stair {

/// Two sums per channel, taken in double over fixed blocks: the same for any number of threads.
struct ColumnSums
{
    std::vector<double> first;
    std::vector<double> second;
};

/// first: sum of y, second: sum of y * y.
ColumnSums columnMoments(const Tensor& y);

/// Partial sums of one pass, block by block; fold() adds them in the blocks' order.
class BlockSums
{
public:
    BlockSums(std::int64_t blocks, std::size_t tileSize, int channels);

    double* first(std::int64_t block) { return m_sums.data() + std::size_t(block) * 2 * m_tile; }
    double* second(std::int64_t block) { return first(block) + m_tile; }

    ColumnSums fold() const;

private:
    std::size_t m_tile;
    int m_channels;
    std::vector<double> m_sums; // per block: a tile of first sums, a tile of second sums
};

} // namespace stair
