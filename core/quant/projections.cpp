#include "core/quant/projections.h"

#include "core/ops/simd/tile_kernels.h"
#include "core/quant/steps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace stair {

namespace {

double positive(double step)
{
    return std::max<double>(smallestStep, step);
}

double meanMagnitude(std::span<const float> x)
{
    return tile::absSum(x.data(), x.size()) / double(x.size());
}

} // namespace

StepPair BinaryScale::project(std::span<const float> x, const Grid&, QuantizerKind) const
{
    if (!m_usesMedian)
        return StepPair(positive(meanMagnitude(x)));
    std::vector<float> magnitudes(x.size());
    std::ranges::transform(x, magnitudes.begin(), [](float v) { return std::abs(v); });
    // The lower of the two middle ones, as PyTorch's median.
    const auto middle = magnitudes.begin() + std::ptrdiff_t((x.size() - 1) / 2);
    std::ranges::nth_element(magnitudes, middle);
    return StepPair(positive(*middle));
}

StepPair TernaryScale::project(std::span<const float> x, const Grid&, QuantizerKind) const
{
    const double threshold = positive(0.7 * meanMagnitude(x));
    // Rounding to nearest turns from 0 to 1 at half a step.
    const double codeStep = 2 * threshold;
    if (m_scale == Scale::One)
        return {1, codeStep};
    double sum = 0;
    std::int64_t kept = 0;
    for (const float v : x) {
        if (double(std::abs(v)) > threshold) {
            sum += std::abs(v);
            ++kept;
        }
    }
    const auto count = m_scale == Scale::OverAll ? std::int64_t(x.size()) : kept;
    return {positive(sum / double(std::max<std::int64_t>(count, 1))), codeStep};
}

StepPair LloydScale::project(std::span<const float> x, const Grid& grid, QuantizerKind) const
{
    const double peak = tile::absMax(x.data(), x.size());
    double codeStep = positive(2 * peak / ((1 << grid.bits) - 1));
    double scale = codeStep;
    for (int i = 0; i < m_iterations; ++i) {
        if (i > 0)
            codeStep = scale;
        double products = 0, squares = 0;
        for (const float v : x) {
            const double q = std::clamp(std::nearbyint(double(v) / codeStep), double(grid.qn),
                                        double(grid.qp));
            products += v * q;
            squares += q * q;
        }
        scale = positive(products / std::max(squares, 1.0));
    }
    return {scale, codeStep};
}

StepPair CoarseStep::initial(std::span<const float>, const Grid& grid, QuantizerKind) const
{
    return StepPair(first(grid));
}

double CoarseStep::first(const Grid& grid) const
{
    // The published ones at 1, 2 and 4 bits; the others likewise minimise the squared error of a
    // half-wave normal distribution under rounding to nearest.
    constexpr std::array<double, 8> steps
        = {1.2221, 0.6511, 0.354, 0.1946, 0.106, 0.0572, 0.0309, 0.0165};
    return steps[std::size_t(grid.bits - 1)];
}

double CoarseStep::partial(std::span<const float> g, const Tile& tile) const
{
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const float* u = tile.u.data();
    if (m_gradient == Gradient::Exact) // g times the code, which is 0 below and L beyond the range
        return tile::stepGradient(g.data(), u, tile.q.data(), 0, 0, 0, g.size());
    const double inside = m_gradient == Gradient::Mean ? (double(tile.qp) + 1) / 2
        : m_gradient == Gradient::Min                  ? 1
                                                       : 0;
    return inside * tile::sumBetween(g.data(), u, 0, infinity, g.size())
        + (double(tile.qp) - inside) * tile::sumBetween(g.data(), u, tile.qp, infinity, g.size());
}

double CoarseStep::finish(double sum, std::int64_t, const Grid&, int)
{
    return std::clamp(m_rate * sum, -1.0, 1.0);
}

} // namespace stair
