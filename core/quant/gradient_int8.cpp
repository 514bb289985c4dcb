#include "core/quant/gradient_int8.h"

#include "core/ops/blocking.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace stair {

namespace {

const Grid grid{8, true, -127, 127};

/// Below it 127 / s is no f32 number; such gradients are zeros.
constexpr float leastThreshold = 1e-35f;

/// x in units of a code, from 127 to -127, to codes: floor(x + U[0, 1)).
void roundStochastic(std::span<float> x, std::int64_t first, GradientDraws draws)
{
    for (std::size_t i = 0; i < x.size(); ++i) {
        const float draw = draws.at(first + std::int64_t(i));
        x[i] = std::clamp(std::floor(std::clamp(x[i], -127.0f, 127.0f) + draw), -127.0f, 127.0f);
    }
}

} // namespace

Int8Gradient::Int8Gradient(const Options& options, int channels)
    : m_options(options)
    , m_channels(channels)
    , m_thresholds(Shape{1, 1, 1, channels + 1})
    , m_gaussian(Shape{1, 1, 1, channels + 1})
{
}

bool Int8Gradient::adapts(int c) const
{
    return c == m_channels ? m_options.adaptsData : m_options.adapts;
}

void Int8Gradient::observe(const Tensor& gradient)
{
    m_thresholdsBefore = m_thresholds.clone();
    m_gaussianBefore = m_gaussian.clone();
    m_spreads = measurePeaks(gradient);
    const bool isDue = context().step % m_options.every == 0;
    const auto waits = [&](int c) {
        return isDue || (threshold(c) == 0 && m_spreads[std::size_t(c)].peak > 0);
    };
    bool anyWaits = false;
    for (int c = 0; c <= m_channels; ++c)
        anyWaits = anyWaits || waits(c);
    if (anyWaits && (m_options.adapts || m_options.adaptsData))
        measureShares(gradient, m_spreads);
    for (int c = 0; c <= m_channels; ++c) {
        if (waits(c))
            update(c, m_spreads[std::size_t(c)]);
    }
}

void Int8Gradient::recall()
{
    if (!m_thresholdsBefore)
        return;
    std::ranges::copy(m_thresholdsBefore.values(), m_thresholds.data());
    std::ranges::copy(m_gaussianBefore.values(), m_gaussian.data());
}

void Int8Gradient::update(int c, const GradientSpread& spread)
{
    if (spread.peak == 0 || !std::isfinite(spread.deviation))
        return;
    float& s = m_thresholds.data()[c];
    const bool isGaussian = !adapts(c) || spread.beyond > m_options.lambda;
    const double keep = std::max(0.0, 1 - m_options.k * m_options.a);
    m_gaussian.data()[c] = isGaussian ? 1 : 0;
    s = isGaussian || s == 0 ? spread.peak : float(keep * s + m_options.a * spread.peak);
}

QuantizedGradient Int8Gradient::quantize(const Tensor& gradient, GradientUse use,
                                         BufferPool& pool) const
{
    const bool perChannel = use == GradientUse::Weights && m_options.perChannel;
    QuantizedGradient result{Codes(gradient.shape(), grid, pool), {}, {}};
    std::vector<float> inverses;
    for (int c = 0; c < m_channels; ++c) {
        const int from = perChannel ? c : m_channels;
        const bool isFinite = std::isfinite(m_spreads[std::size_t(from)].deviation);
        const bool isZero = threshold(from) < leastThreshold || !isFinite;
        inverses.push_back(isZero ? 0 : 127 / threshold(from));
        // What is not finite must show in the result, so that the run stops.
        const float step
            = isFinite ? threshold(from) / 127 : std::numeric_limits<float>::quiet_NaN();
        if (perChannel || c == 0)
            result.steps.push_back(step);
    }
    const Blocking blocking(gradient.shape());
    const std::vector<float> factors = blocking.overTile(inverses);
    const std::vector<float> zeros(factors.size(), 0.0f);
    const GradientDraws draws(context(), use);
    forEachTile(blocking, [&](std::int64_t, std::int64_t offset, std::size_t size) {
        thread_local std::vector<float> codes;
        codes.resize(size);
        tile::affine(gradient.data() + offset, factors.data(), zeros.data(), codes.data(), size);
        if (m_options.stochastic)
            roundStochastic(codes, offset, draws);
        else
            tile::roundClamp(codes.data(), -127, 127, codes.data(), size);
        tile::pack(codes.data(), true, result.codes.data() + offset, size);
    });
    return result;
}

void Int8Gradient::forEachTensor(const std::string& layer,
                                 const std::function<void(const std::string&, Tensor&)>& visit)
{
    visit(layer + ".gradient.thresholds", m_thresholds);
    visit(layer + ".gradient.gaussian", m_gaussian);
}

std::optional<GradientClip> Int8Gradient::lastClip() const
{
    if (m_spreads.empty())
        return {};
    GradientClip report;
    int seen = 0;
    for (int c = 0; c < m_channels; ++c) {
        const int from = m_options.perChannel ? c : m_channels;
        const float peak = m_spreads[std::size_t(from)].peak;
        if (peak == 0)
            continue;
        ++seen;
        report.gaussian += isGaussian(from);
        report.clip += double(threshold(from)) / double(peak);
    }
    if (seen == 0)
        return {};
    report.gaussian /= seen;
    report.clip /= seen;
    report.dataClip = double(threshold(m_channels)) / double(m_spreads.back().peak);
    return report;
}

} // namespace stair
