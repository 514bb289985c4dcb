#include "core/ops/column_sums.h"

#include "core/ops/blocking.h"
#include "core/ops/simd/tile_kernels.h"

namespace stair {

BlockSums::BlockSums(std::int64_t blocks, std::size_t tileSize, int channels)
    : m_tile(tileSize)
    , m_channels(channels)
    , m_sums(std::size_t(blocks) * 2 * tileSize)
{
}

ColumnSums BlockSums::fold() const
{
    const std::size_t channels = std::size_t(m_channels);
    ColumnSums sums{std::vector<double>(channels), std::vector<double>(channels)};
    for (std::size_t row = 0; row < m_sums.size(); row += channels) {
        std::vector<double>& sum = row / m_tile % 2 == 0 ? sums.first : sums.second;
        for (std::size_t c = 0; c < channels; ++c)
            sum[c] += m_sums[row + c];
    }
    return sums;
}

ColumnSums columnMoments(const Tensor& y)
{
    const Blocking blocking(y.shape());
    BlockSums sums(blocking.blocks, blocking.tileSize(), blocking.channels);
    forEachTile(blocking, [&](std::int64_t block, std::int64_t offset, std::size_t size) {
        tile::addMoments(y.data() + offset, sums.first(block), sums.second(block), size);
    });
    return sums.fold();
}

} // namespace stair
