#include "core/quant/gradient_spread.h"

#include "core/ops/blocking.h"
#include "core/ops/column_sums.h"
#include "core/ops/simd/gradient_kernels.h"
#include "core/ops/simd/tile_kernels.h"

#include <cmath>

namespace stair {

namespace {

/// One float for every place of a tile and every block, folded over rows and blocks.
class BlockFloats
{
public:
    explicit BlockFloats(const Blocking& blocking)
        : m_blocking(blocking)
        , m_values(std::size_t(blocking.blocks) * blocking.tileSize())
    {
    }
    float* of(std::int64_t block)
    {
        return m_values.data() + std::size_t(block) * m_blocking.tileSize();
    }

    /// Calls visit(channel, value) in a fixed order.
    template<typename Visit>
    void forEach(const Visit& visit) const
    {
        const std::size_t channels = std::size_t(m_blocking.channels);
        for (std::size_t i = 0; i < m_values.size(); ++i)
            visit(i % channels, m_values[i]);
    }

private:
    const Blocking& m_blocking;
    std::vector<float> m_values;
};

double deviationOf(double sum, double squares, double count)
{
    const double mean = sum / count;
    const double variance = squares / count - mean * mean;
    return std::sqrt(variance < 0 ? 0 : variance); // keeps what is not a number
}

} // namespace

std::vector<GradientSpread> measurePeaks(const Tensor& gradient)
{
    const Blocking blocking(gradient.shape());
    const std::size_t channels = std::size_t(blocking.channels);
    BlockSums moments(blocking.blocks, blocking.tileSize(), blocking.channels);
    BlockFloats peaks(blocking);
    forEachTile(blocking, [&](std::int64_t block, std::int64_t offset, std::size_t size) {
        const float* g = gradient.data() + offset;
        tile::addMoments(g, moments.first(block), moments.second(block), size);
        tile::raisePeaks(g, peaks.of(block), size);
    });
    std::vector<GradientSpread> spreads(channels + 1);
    GradientSpread& whole = spreads.back();
    peaks.forEach([&](std::size_t c, float peak) {
        spreads[c].peak = std::max(spreads[c].peak, peak);
        whole.peak = std::max(whole.peak, peak);
    });
    const ColumnSums sums = moments.fold();
    double sum = 0, squares = 0;
    for (std::size_t c = 0; c < channels; ++c) {
        spreads[c].deviation = deviationOf(sums.first[c], sums.second[c], double(blocking.rows));
        sum += sums.first[c];
        squares += sums.second[c];
    }
    whole.deviation = deviationOf(sum, squares, double(gradient.size()));
    return spreads;
}

void measureShares(const Tensor& gradient, std::vector<GradientSpread>& spreads)
{
    const Blocking blocking(gradient.shape());
    const std::size_t channels = std::size_t(blocking.channels);
    std::vector<float> perChannel;
    for (std::size_t c = 0; c < channels; ++c)
        perChannel.push_back(float(spreads[c].deviation));
    const std::vector<float> limits = blocking.overTile(perChannel);
    const std::vector<float> wholeLimits(limits.size(), float(spreads.back().deviation));
    BlockFloats counts(blocking), wholeCounts(blocking);
    forEachTile(blocking, [&](std::int64_t block, std::int64_t offset, std::size_t size) {
        const float* g = gradient.data() + offset;
        tile::countBeyond(g, limits.data(), counts.of(block), size);
        tile::countBeyond(g, wholeLimits.data(), wholeCounts.of(block), size);
    });
    for (GradientSpread& spread : spreads)
        spread.beyond = 0;
    counts.forEach([&](std::size_t c, float count) {
        spreads[c].beyond += double(count) / double(blocking.rows);
    });
    double beyond = 0;
    wholeCounts.forEach([&](std::size_t, float count) { beyond += double(count); });
    spreads.back().beyond = beyond / double(gradient.size());
}

} // namespace stair
