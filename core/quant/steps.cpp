#include "core/quant/steps.h"

#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace stair {

namespace {

constexpr std::size_t errorBlock = 4096;

struct Spread
{
    double mean = 0;
    double deviation = 0;
};

Spread spreadOf(std::span<const float> x)
{
    double sum = 0, squares = 0;
    for (const float v : x) {
        sum += double(v);
        squares += double(v) * double(v);
    }
    const double mean = sum / double(x.size());
    return {mean, std::sqrt(std::max(0.0, squares / double(x.size()) - mean * mean))};
}

double squaredErrorOfBlock(std::span<const float> x, float step, const Grid& grid)
{
    std::array<float, errorBlock> q;
    tile::scale(x.data(), 1 / step, q.data(), x.size());
    tile::roundClamp(q.data(), float(grid.qn), float(grid.qp), q.data(), x.size());
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const float error = x[i] - step * q[i];
        sum += double(error * error);
    }
    return sum;
}

} // namespace

double meanSquaredError(std::span<const float> x, double step, const Grid& grid)
{
    const std::int64_t blocks = std::int64_t((x.size() + errorBlock - 1) / errorBlock);
    std::vector<double> sums(std::size_t(blocks), 0.0);
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < blocks; ++i) {
        const std::size_t first = std::size_t(i) * errorBlock;
        sums[std::size_t(i)] = squaredErrorOfBlock(
            x.subspan(first, std::min(errorBlock, x.size() - first)), float(step), grid);
    }
    return std::accumulate(sums.begin(), sums.end(), 0.0) / double(x.size());
}

MinMaxStep::MinMaxStep(double momentum)
    : m_momentum(momentum)
{
}

StepPair MinMaxStep::initial(std::span<const float> x, const Grid& grid, QuantizerKind) const
{
    const double peak = tile::absMax(x.data(), x.size());
    return StepPair(
        std::max<double>(smallestStep, peak * (grid.isSigned ? 2 : 1) / (grid.levels() - 1)));
}

StepPair MinMaxStep::observe(std::span<const float> x, const Grid& grid, QuantizerKind kind,
                             double step, int)
{
    const double now = initial(x, grid, kind).step;
    return StepPair(kind == QuantizerKind::Weight ? now : step + m_momentum * (now - step));
}

StepPair LsqStep::initial(std::span<const float> x, const Grid& grid, QuantizerKind) const
{
    const double mean = tile::absSum(x.data(), x.size()) / double(x.size());
    return StepPair(std::max<double>(smallestStep, 2 * mean / std::sqrt(double(grid.qp))));
}

double LsqStep::widthRatio(const Grid& before, const Grid& now) const
{
    return std::sqrt(double(before.qp) / double(now.qp));
}

double LsqStep::partial(std::span<const float> g, const Tile& tile) const
{
    return tile::stepGradient(g.data(), tile.u.data(), tile.q.data(), tile.qn, tile.qp, 0,
                              g.size());
}

double LsqStep::finish(double sum, std::int64_t count, const Grid& grid, int)
{
    return sum / std::sqrt(double(count) * grid.qp);
}

StepPair LsqPlusWeightStep::initial(std::span<const float> x, const Grid& grid, QuantizerKind) const
{
    const auto [mean, deviation] = spreadOf(x);
    const double reach = std::abs(mean) + 3 * deviation;
    return StepPair(std::max<double>(smallestStep, reach / (1 << (grid.bits - 1))));
}

StepPair LsqPlusStep::initial(std::span<const float> x, const Grid& grid, QuantizerKind) const
{
    const auto [least, most] = std::ranges::minmax(x);
    const double range = double(most) - double(std::min(0.0f, least)); // zero stays within
    return StepPair(std::max<double>(smallestStep, range / (grid.levels() - 1)));
}

double LsqPlusStep::partial(std::span<const float> g, const Tile& tile) const
{
    return tile::stepGradient(g.data(), tile.u.data(), tile.q.data(), tile.qn, tile.qp, tile.qn,
                              g.size());
}

double LsqPlusStep::finish(double sum, std::int64_t count, const Grid& grid, int)
{
    return sum / std::sqrt(double(count) * (grid.levels() - 1));
}

StepPair DeviationStep::initial(std::span<const float> x, const Grid& grid, QuantizerKind) const
{
    const auto [mean, deviation] = spreadOf(x);
    const double reach = grid.isSigned
        ? m_deviations * deviation
        : std::max(m_deviations * deviation, mean + 2 * deviation); // averages lie far from zero
    const bool isLopsided = grid.isSigned && grid.kind != Grid::Kind::Odd; // as in min-max
    return StepPair(std::max<double>(
        smallestStep, isLopsided ? 2 * reach / (grid.levels() - 1) : reach / grid.qp));
}

StepPair PactStep::initial(std::span<const float>, const Grid& grid, QuantizerKind) const
{
    return StepPair(first(grid));
}

double PactStep::partial(std::span<const float> g, const Tile& tile) const
{
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const float below = std::nextafter(tile.qp, -infinity); // the clip itself counts as beyond
    return tile::sumBetween(g.data(), tile.u.data(), below, infinity, g.size());
}

double PactStep::finish(double sum, std::int64_t, const Grid& grid, int)
{
    return sum / grid.qp;
}

StepPair ProbedStep::initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const
{
    const double peak = tile::absMax(x.data(), x.size());
    const bool isNarrow = kind == QuantizerKind::Activation && grid.bits < 4;
    return StepPair(std::max<double>(smallestStep, peak / (isNarrow ? 2 * grid.qp : grid.qp + 1)));
}

StepPair ProbedStep::initialOfChannel(std::span<const float> x, const Grid& grid) const
{
    const double peak = tile::absMax(x.data(), x.size());
    return StepPair(std::max<double>(smallestStep, peak / grid.qp));
}

ProbedStep::Move ProbedStep::probe(std::span<const float> x, const Grid& grid, double step) const
{
    const double below = meanSquaredError(x, step / m_options.beta, grid);
    const double here = meanSquaredError(x, step, grid);
    const double above = meanSquaredError(x, step * m_options.beta, grid);
    if (m_options.rule == Rule::Llsq) {
        const double rise1 = here - below, rise2 = above - here;
        const bool g1 = rise1 >= 0, g2 = rise2 > 0, g3 = rise1 + rise2 >= 0;
        if ((!g1 && !g2) || (g1 && !g2 && !g3))
            return {1, 1};
        return {g1 ? -1.0 : 0.0, 1};
    }
    constexpr double tiny = 1e-30;
    const double best = std::min({below, here, above});
    const double direction = best == here ? 0 : best == above ? 1 : -1;
    return {direction, (here - best) / (here + tiny)};
}

double ProbedStep::simulatedGradient(std::span<const float> x, const Grid& grid, double step) const
{
    const Move move = probe(x, grid, step);
    return -move.direction * move.gain * step * step;
}

StepPair ProbedStep::observe(std::span<const float> x, const Grid& grid, QuantizerKind, double step,
                             int channel)
{
    const Move move = probe(x, grid, step);
    if (m_options.rule == Rule::Ssg)
        return StepPair(step * (1 + 0.05 * move.direction * move.gain));
    if (std::size_t(channel) >= m_gradients.size())
        m_gradients.resize(std::size_t(channel) + 1);
    m_gradients[std::size_t(channel)] = -move.direction * move.gain * step * step * m_options.every;
    return StepPair(step);
}

double ProbedStep::partial(std::span<const float> g, const Tile& tile) const
{
    return m_options.addsTask ? LsqStep().partial(g, tile) : 0;
}

double ProbedStep::finish(double sum, std::int64_t count, const Grid& grid, int channel)
{
    const double task = m_options.addsTask ? LsqStep().finish(sum, count, grid, channel) : 0;
    if (std::size_t(channel) >= m_gradients.size())
        return task;
    return task + std::exchange(m_gradients[std::size_t(channel)], 0);
}

} // namespace stair
