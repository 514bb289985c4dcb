#include "core/quant/quantizer.h"

#include "core/base/assert.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace stair {

Quantizer::Quantizer(std::string name, QuantizerKind kind, const Grid& grid, int steps,
                     QuantizerAxes axes)
    : m_kind(kind)
    , m_grid(grid)
    , m_axes(std::move(axes))
{
    m_step.name = std::move(name);
    m_step.value = Tensor(Shape{1, 1, 1, steps});
    m_step.value.fill(1);
    m_step.gradient = Tensor(Shape{1, 1, 1, steps});
    m_step.decays = false;
}

void Quantizer::fixStep(float step)
{
    m_step.value.fill(step);
    m_initialised = true;
}

void Quantizer::observe(std::span<const float> x)
{
    const std::size_t part = x.size() / std::size_t(steps());
    for (int i = 0; i < steps(); ++i) {
        const auto values = x.subspan(std::size_t(i) * part, part);
        float& step = m_step.value.data()[i];
        const auto next
            = float(m_initialised ? m_axes.stepRule->observe(values, m_grid, m_kind, step)
                                  : m_axes.stepRule->initial(values, m_grid, m_kind));
        if (!std::isfinite(next))
            return; // a tensor to learn nothing from; the loss will tell
        step = next;
    }
    m_initialised = true;
}

void Quantizer::changeGrid(const Grid& grid)
{
    const float ratio = float(m_grid.qp) / float(grid.qp);
    for (float& step : m_step.value.values())
        step *= ratio;
    m_grid = grid;
}

void Quantizer::code(std::span<const float> u, std::span<float> q) const
{
    applyHardRule(m_axes.rounding->rule(), u, float(m_grid.qn), float(m_grid.qp), q);
}

void Quantizer::soft(std::span<const float> u, std::span<const float> q, std::span<float> v) const
{
    m_axes.rounding->soft(u, q, v);
}

void Quantizer::backward(std::span<const float> u, std::span<const float> q, float step,
                         std::span<float> g) const
{
    const GradientMask::Bounds bounds = m_axes.mask.bounds(m_grid, step);
    tile::maskOpen(u.data(), bounds.low, bounds.high, g.data(), g.data(), g.size());
    m_axes.rounding->applySlope(u, q, g);
    if (m_axes.correction)
        m_axes.correction->apply(u, q, g);
}

double Quantizer::stepPartial(std::span<const float> g, std::span<const float> u,
                              std::span<const float> q) const
{
    return m_axes.stepRule->partial(g, u, q, m_grid);
}

void Quantizer::finishStep(int channel, double sum, std::int64_t count)
{
    m_step.gradient.data()[channel] = float(m_axes.stepRule->finish(sum, count, m_grid));
}

namespace {

constexpr std::size_t tileSize = 2048;

/// Calls body(channel, first, count) for tiles of the weights that share one step: a tile never
/// crosses an output channel. Output channels are shared out among the threads.
template<typename Body>
void forEachWeightTile(const Tensor& weight, const Body& body)
{
    const int channels = weight.shape().n;
    const std::int64_t each = weight.size() / channels;
#pragma omp parallel for schedule(static)
    for (int channel = 0; channel < channels; ++channel) {
        for (std::int64_t at = 0; at < each; at += std::int64_t(tileSize))
            body(channel, channel * each + at, std::min(tileSize, std::size_t(each - at)));
    }
}

} // namespace

void quantizeWeights(const Quantizer& quantizer, const Tensor& weight, Codes& codes, Tensor* real)
{
    forEachWeightTile(weight, [&](int channel, std::int64_t first, std::size_t count) {
        std::array<float, tileSize> u, q;
        const float step = quantizer.step(channel);
        tile::scale(weight.data() + first, 1 / step, u.data(), count);
        quantizer.code({u.data(), count}, {q.data(), count});
        tile::pack(q.data(), true, codes.data() + first, count);
        if (real)
            tile::scale(q.data(), step, real->data() + first, count);
    });
}

void softenWeights(const Quantizer& quantizer, const Tensor& weight, Tensor& real)
{
    forEachWeightTile(weight, [&](int channel, std::int64_t first, std::size_t count) {
        std::array<float, tileSize> u, q;
        const float step = quantizer.step(channel);
        tile::scale(weight.data() + first, 1 / step, u.data(), count);
        quantizer.code({u.data(), count}, {q.data(), count});
        quantizer.soft({u.data(), count}, {q.data(), count}, {real.data() + first, count});
        tile::scale(real.data() + first, step, real.data() + first, count);
    });
}

void weightsBackward(Quantizer& quantizer, const Tensor& weight, Tensor& gradient)
{
    const int channels = weight.shape().n;
    std::vector<double> sums(std::size_t(channels), 0.0);
    forEachWeightTile(weight, [&](int channel, std::int64_t first, std::size_t count) {
        std::array<float, tileSize> u, q;
        const float step = quantizer.step(channel);
        tile::scale(weight.data() + first, 1 / step, u.data(), count);
        quantizer.code({u.data(), count}, {q.data(), count});
        const std::span g(gradient.data() + first, count);
        if (quantizer.isLearned())
            sums[std::size_t(channel)]
                += quantizer.stepPartial(g, {u.data(), count}, {q.data(), count});
        quantizer.backward({u.data(), count}, {q.data(), count}, step, g);
    });
    if (!quantizer.isLearned())
        return;
    if (quantizer.steps() == 1) {
        double sum = 0;
        for (const double part : sums)
            sum += part;
        quantizer.finishStep(0, sum, weight.size());
    } else {
        for (int channel = 0; channel < channels; ++channel)
            quantizer.finishStep(channel, sums[std::size_t(channel)], weight.size() / channels);
    }
}

} // namespace stair
