#include "core/quant/steps.h"

#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

// A tensor of zeros has no range; any positive step serves it.
constexpr double smallestStep = 1e-8;

} // namespace

MinMaxStep::MinMaxStep(double momentum)
    : m_momentum(momentum)
{
}

double MinMaxStep::initial(std::span<const float> x, const Grid& grid, QuantizerKind) const
{
    const double peak = tile::absMax(x.data(), x.size());
    return std::max(smallestStep, peak * (grid.isSigned ? 2 : 1) / (grid.levels() - 1));
}

double MinMaxStep::observe(std::span<const float> x, const Grid& grid, QuantizerKind kind,
                           double step) const
{
    const double now = initial(x, grid, kind);
    return kind == QuantizerKind::Weight ? now : step + m_momentum * (now - step);
}

double LsqStep::initial(std::span<const float> x, const Grid& grid, QuantizerKind) const
{
    const double mean = tile::absSum(x.data(), x.size()) / double(x.size());
    return std::max(smallestStep, 2 * mean / std::sqrt(double(grid.qp)));
}

double LsqStep::partial(std::span<const float> g, std::span<const float> u,
                        std::span<const float> q, const Grid& grid) const
{
    return tile::stepGradient(g.data(), u.data(), q.data(), float(grid.qn), float(grid.qp),
                              g.size());
}

double LsqStep::finish(double sum, std::int64_t count, const Grid& grid) const
{
    return sum / std::sqrt(double(count) * grid.qp);
}

} // namespace stair
