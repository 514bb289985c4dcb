#pragma once

#include "core/tensor/shape.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace stair {

/// How a pixels-by-channels matrix is walked: blocks of rows for the threads, tiles of rows within
/// a block that stay in the first-level cache. Depends on the sizes alone, so sums taken block by
/// block and added in the blocks' order are the same for any number of threads.
struct Blocking
{
    explicit Blocking(const Shape& shape)
        : rows(shape.rows())
        , channels(shape.c)
        , tileRows(std::max(1, 2048 / shape.c))
        , blockRows(std::int64_t(tileRows) * 16)
        , blocks((rows + blockRows - 1) / blockRows)
    {
    }

    std::int64_t rows;
    int channels;
    int tileRows;
    std::int64_t blockRows;
    std::int64_t blocks;

    std::size_t tileSize() const { return std::size_t(tileRows) * std::size_t(channels); }

    /// A per-channel vector repeated over a tile, so that tile loops need not know of channels.
    std::vector<float> overTile(std::span<const float> perChannel) const
    {
        std::vector<float> pattern;
        pattern.reserve(tileSize());
        for (int row = 0; row < tileRows; ++row)
            pattern.insert(pattern.end(), perChannel.begin(), perChannel.begin() + channels);
        return pattern;
    }
};

/// Calls body(block, offset, size) for each tile, blocks shared out among the threads; offset and
/// size count elements.
template<typename Body>
void forEachTile(const Blocking& blocking, const Body& body)
{
#pragma omp parallel for schedule(static)
    for (std::int64_t block = 0; block < blocking.blocks; ++block) {
        const std::int64_t end = std::min(blocking.rows, (block + 1) * blocking.blockRows);
        for (std::int64_t row = block * blocking.blockRows; row < end; row += blocking.tileRows) {
            const std::int64_t rows = std::min<std::int64_t>(blocking.tileRows, end - row);
            body(block, row * blocking.channels, std::size_t(rows * blocking.channels));
        }
    }
}

/// Elements that one call of forEachRun's body gets, but for the last.
inline constexpr std::int64_t runLength = 16384;

/// Splits 0 .. size - 1 among the threads and calls body(first, count).
template<typename Body>
void forEachRun(std::int64_t size, const Body& body)
{
    const std::int64_t runs = (size + runLength - 1) / runLength;
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < runs; ++i)
        body(i * runLength, std::size_t(std::min(runLength, size - i * runLength)));
}

} // namespace stair
