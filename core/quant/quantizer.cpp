#include "core/quant/quantizer.h"

#include "core/base/assert.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace stair {

namespace {

/// u and q of a mid-rise grid in cells: level 2i + 1 becomes i. One thread's scratch.
struct Cells
{
    std::vector<float> u, q;

    static void convert(std::span<const float> from, std::vector<float>& to)
    {
        to.resize(from.size());
        std::ranges::transform(from, to.begin(), [](float v) { return (v - 1) * 0.5f; });
    }
};

Tile makeTile(std::span<const float> u, std::span<const float> q, const Grid& grid, bool isMidRise)
{
    Tile tile{.u = u, .q = q, .qn = float(grid.qn), .qp = float(grid.qp)};
    if (!isMidRise)
        return tile;
    thread_local Cells cells;
    Cells::convert(u, cells.u);
    Cells::convert(q, cells.q);
    tile.u = cells.u;
    tile.q = cells.q;
    tile.qn = (tile.qn - 1) / 2;
    tile.qp = (tile.qp - 1) / 2;
    return tile;
}

/// A random stream of its own for every name (FNV-1a).
std::uint64_t streamOf(const std::string& name)
{
    std::uint64_t hash = 14695981039346656037u;
    for (const char c : name)
        hash = (hash ^ std::uint8_t(c)) * 1099511628211u;
    return hash;
}

} // namespace

Quantizer::Quantizer(std::string name, QuantizerKind kind, const Grid& grid, int steps,
                     QuantizerAxes axes)
    : m_kind(kind)
    , m_grid(grid)
    , m_axes(std::move(axes))
{
    const StepRule& rule = *m_axes.stepRule;
    m_step.name = std::move(name);
    m_step.value = Tensor(Shape{1, 1, 1, steps});
    m_step.value.fill(1);
    m_step.gradient = Tensor(Shape{1, 1, 1, steps});
    m_step.decays = rule.decays();
    m_step.rateFactor = rule.rateFactor();
    m_step.isScale = true;
    m_step.least = rule.least();
    m_step.most = rule.most();
    if (rule.isMemoryless(kind)) {
        m_codeStep = Tensor(Shape{1, 1, 1, steps});
        m_codeStep.fill(1);
    }
    if (m_axes.learnsOffset) {
        m_offset.emplace();
        m_offset->name = m_step.name.substr(0, m_step.name.rfind("step")) + "offset";
        m_offset->value = Tensor(Shape{1, 1, 1, 1});
        m_offset->gradient = Tensor(Shape{1, 1, 1, 1});
        m_offset->value.fill(0);
        m_offset->decays = false;
    }
    if (rule.fixed(grid) > 0)
        fixStep(float(rule.fixed(grid)));
    m_context.stream = streamOf(m_step.name);
}

void Quantizer::fixStep(float step)
{
    m_step.value.fill(step);
    if (isProjected())
        m_codeStep.fill(step);
    m_initialised = true;
}

Quantizer::Memory Quantizer::remember() const
{
    const auto steps = m_step.value.values();
    return {
        {steps.begin(), steps.end()}, m_offset ? m_offset->value.data()[0] : 0.0f, m_initialised};
}

void Quantizer::recall(const Memory& memory)
{
    std::ranges::copy(memory.steps, m_step.value.data());
    if (m_offset)
        m_offset->value.data()[0] = memory.offset;
    m_initialised = memory.isInitialised;
    m_nextStep.reset();
    settleGrid();
}

void Quantizer::freeze()
{
    m_frozen = true;
    m_step.isFrozen = true;
    if (m_offset)
        m_offset->isFrozen = true;
}

bool Quantizer::wantsToObserve() const
{
    const bool isProjected = m_axes.stepRule->isMemoryless(m_kind); // after each update
    return !m_initialised
        || (!m_frozen && !isProjected && m_axes.stepRule->observes(m_context.step));
}

bool Quantizer::wantsToProject() const
{
    return m_axes.stepRule->isMemoryless(m_kind) && !m_frozen;
}

void Quantizer::observe(std::span<const float> x)
{
    if (m_offset && !m_initialised)
        m_offset->value.data()[0] = std::min(0.0f, std::ranges::min(x));
    const std::size_t part = x.size() / std::size_t(steps());
    for (int i = 0; i < steps(); ++i) {
        const auto values = x.subspan(std::size_t(i) * part, part);
        float& step = m_step.value.data()[i];
        const StepPair next = m_initialised
            ? m_axes.stepRule->observe(values, m_grid, m_kind, step, i)
            : steps() > 1 ? m_axes.stepRule->initialOfChannel(values, m_grid)
                          : m_axes.stepRule->initial(values, m_grid, m_kind);
        if (!std::isfinite(next.step))
            return; // a tensor to learn nothing from; the loss will tell
        step = float(next.step);
        if (isProjected())
            m_codeStep.data()[i] = float(next.codeStep);
    }
    m_initialised = true;
    settleGrid();
}

void Quantizer::observeTogether(std::span<const float> x, bool isFirst)
{
    const float now = step();
    const StepPair next = isFirst ? m_axes.stepRule->initial(x, m_grid, m_kind)
                                  : m_axes.stepRule->observe(x, m_grid, m_kind, now, 0);
    // A rule that leaves the step to the optimizer gives it back as it is.
    if (std::isfinite(next.step) && float(next.step) != now)
        m_nextStep = float(next.step);
}

void Quantizer::settle()
{
    if (!m_nextStep)
        return;
    m_step.value.data()[0] = *m_nextStep;
    m_nextStep.reset();
}

void Quantizer::settleGrid()
{
    if (!m_offset)
        return;
    const int top = m_grid.levels() - 1;
    const float zero = std::nearbyint(-m_offset->value.data()[0] / step());
    m_grid = Grid::shifted(m_grid.bits, int(std::clamp(zero, 0.0f, float(top))));
}

void Quantizer::advance(QuantContext context)
{
    context.stream = m_context.stream;
    m_context = context;
    m_axes.rounding->advance(m_context);
}

void Quantizer::takeRange(const Quantizer& before)
{
    if (!before.m_initialised || before.steps() != steps() || m_axes.stepRule->fixed(m_grid) > 0)
        return;
    const auto ratio = float(m_axes.stepRule->widthRatio(before.m_grid, m_grid));
    for (int i = 0; i < steps(); ++i)
        m_step.value.data()[i] = before.step(i) * ratio;
    if (isProjected())
        std::ranges::copy(m_step.value.values(), m_codeStep.data());
    m_initialised = true;
}

void Quantizer::stepsChanged()
{
    const double fixed = m_axes.stepRule->fixed(m_grid);
    if (fixed > 0)
        fixStep(float(fixed));
    m_initialised = step() != 0;
    if (m_initialised)
        settleGrid();
}

void Quantizer::code(std::span<const float> u, std::span<float> q) const
{
    applyHardRule(rule(), u, float(m_grid.qn), float(m_grid.qp), q);
}

void Quantizer::soft(std::span<const float> u, std::span<const float> q, std::span<float> v,
                     int channel, std::int64_t first) const
{
    Tile tile = makeTile(u, q, m_grid, isMidRise());
    tile.step = step(channel);
    tile.codeStep = codeStep(channel);
    tile.first = first;
    m_axes.rounding->soft(tile, v);
    if (isMidRise())
        std::ranges::transform(v, v.begin(), [](float cell) { return 2 * cell + 1; });
}

void Quantizer::backward(std::span<const float> u, std::span<const float> q, std::span<float> g,
                         int channel) const
{
    const GradientMask::Bounds bounds = passes(channel);
    tile::maskOpen(u.data(), bounds.low, bounds.high, g.data(), g.data(), g.size());
    Tile tile = makeTile(u, q, m_grid, isMidRise());
    tile.step = levelStep(channel);
    tile.codeStep = codeStep(channel) * (isMidRise() ? 2 : 1);
    m_axes.rounding->applySlope(tile, g);
    if (m_axes.correction)
        m_axes.correction->apply(tile, g);
}

GradientMask::Bounds Quantizer::covered(int channel) const
{
    const auto low = float(m_grid.qn), high = float(m_grid.qp);
    const float inUnits = step(channel) / codeStep(channel); // a level's value over its u
    switch (rule().kind) {
    case HardRule::Kind::NearestEven:
        if (m_grid.levels() == 3)
            return {low * inUnits, high * inUnits};
        return {low - 0.5f, high + 0.5f};
    case HardRule::Kind::NearestOdd:
        return {low - 1, high + 1};
    case HardRule::Kind::Ceil:
        return {low - 1, high};
    case HardRule::Kind::Thresholds:
        return {low * inUnits, high * inUnits};
    case HardRule::Kind::Sign:
        break;
    }
    return {};
}

double Quantizer::stepPartial(std::span<const float> g, std::span<const float> u,
                              std::span<const float> q, int channel) const
{
    Tile tile{.u = u, .q = q, .qn = float(m_grid.qn), .qp = float(m_grid.qp)};
    tile.step = step(channel);
    tile.codeStep = codeStep(channel);
    return m_axes.stepRule->partial(g, tile);
}

void Quantizer::finishStep(int channel, double sum, std::int64_t count)
{
    if (m_servesSeveral) {
        m_gradients.sum += sum;
        m_gradients.count += count;
        sum = m_gradients.sum;
        count = m_gradients.count;
    }
    m_step.gradient.data()[channel] = float(m_axes.stepRule->finish(sum, count, m_grid, channel));
}

double Quantizer::offsetPartial(std::span<const float> g, std::span<const float> u) const
{
    return tile::sumOutside(g.data(), u.data(), float(m_grid.qn), float(m_grid.qp), g.size());
}

void Quantizer::finishOffset(double sum, std::int64_t count)
{
    m_offset->gradient.data()[0] = float(sum / std::sqrt(double(count) * (m_grid.levels() - 1)));
}

namespace {

constexpr std::size_t tileSize = 2048;

/// One tile of the weights in grid units. A tile never crosses an output channel.
struct WeightTile
{
    int channel;
    std::int64_t first;
    std::size_t count;
    std::array<float, tileSize> u, q;

    std::span<const float> units() const { return {u.data(), count}; }
    std::span<const float> codes() const { return {q.data(), count}; }
};

/// Calls body(tile) for all tiles, coded. Output channels are shared out among the threads.
template<typename Body>
void forEachWeightTile(const Quantizer& quantizer, const Tensor& weight, const Body& body)
{
    const int channels = weight.shape().n;
    const std::int64_t each = weight.size() / channels;
#pragma omp parallel for schedule(static)
    for (int channel = 0; channel < channels; ++channel) {
        WeightTile tile;
        tile.channel = channel;
        const float inverse = 1 / quantizer.codeStep(channel);
        for (std::int64_t at = 0; at < each; at += std::int64_t(tileSize)) {
            tile.first = channel * each + at;
            tile.count = std::min(tileSize, std::size_t(each - at));
            tile::scale(weight.data() + tile.first, inverse, tile.u.data(), tile.count);
            quantizer.code(tile.units(), {tile.q.data(), tile.count});
            body(tile);
        }
    }
}

/// The weights as the grid sees them: themselves, or transformed.
class SeenWeights
{
public:
    SeenWeights(const Quantizer& quantizer, const Tensor& weight)
        : m_weight(weight)
    {
        if (!quantizer.transform())
            return;
        m_transformed = Tensor(weight.shape());
        quantizer.transform()->apply(weight, m_transformed);
    }
    const Tensor& tensor() const { return m_transformed ? m_transformed : m_weight; }

private:
    const Tensor& m_weight;
    Tensor m_transformed;
};

} // namespace

void quantizeWeights(const Quantizer& quantizer, const Tensor& weight, Codes& codes, Tensor* real)
{
    const SeenWeights seen(quantizer, weight);
    forEachWeightTile(quantizer, seen.tensor(), [&](const WeightTile& tile) {
        tile::pack(tile.q.data(), true, codes.data() + tile.first, tile.count);
        if (real)
            tile::scale(tile.q.data(), quantizer.step(tile.channel), real->data() + tile.first,
                        tile.count);
    });
}

void softenWeights(const Quantizer& quantizer, const Tensor& weight, Tensor& real)
{
    const SeenWeights seen(quantizer, weight);
    forEachWeightTile(quantizer, seen.tensor(), [&](const WeightTile& tile) {
        const std::span out(real.data() + tile.first, tile.count);
        quantizer.soft(tile.units(), tile.codes(), out, tile.channel, tile.first);
        tile::scale(out.data(), quantizer.step(tile.channel), out.data(), out.size());
    });
}

void observeWeights(Quantizer& quantizer, const Tensor& weight)
{
    quantizer.observe(SeenWeights(quantizer, weight).tensor().values());
}

void weightsBackward(Quantizer& quantizer, const Tensor& weight, Tensor& gradient)
{
    const SeenWeights seen(quantizer, weight);
    const int channels = weight.shape().n;
    std::vector<double> sums(std::size_t(channels), 0.0);
    forEachWeightTile(quantizer, seen.tensor(), [&](const WeightTile& tile) {
        const std::span g(gradient.data() + tile.first, tile.count);
        if (quantizer.isLearned())
            sums[std::size_t(tile.channel)]
                += quantizer.stepPartial(g, tile.units(), tile.codes(), tile.channel);
        quantizer.backward(tile.units(), tile.codes(), g, tile.channel);
    });
    if (quantizer.transform())
        quantizer.transform()->backward(weight, gradient);
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
