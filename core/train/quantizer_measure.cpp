#include "core/train/quantizer_measure.h"

#include "core/base/assert.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace stair {

namespace {

constexpr std::size_t tileSize = 4096;
constexpr std::size_t blockSize = 64 * tileSize; // of one thread
constexpr int slopeBins = 37; // twelfths up to 3, and the rest
constexpr double slopeBinsPerUnit = 12;
constexpr int valueBins = 96; // over twice the grid: 1/16 of a step at 2 bits

/// Adds up over tiles what the report tells.
class Measure
{
public:
    Measure(const Quantizer& quantizer, const Activation& activation)
        : m_quantizer(quantizer)
        , m_activation(activation)
        , m_levels(std::size_t(quantizer.grid().qp - quantizer.grid().qn + 1))
        , m_slopes(slopeBins)
    {
        const Grid& grid = quantizer.grid();
        const double beyond = std::max(1.0, (grid.qp - grid.qn) / 2.0);
        if (quantizer.kind() == QuantizerKind::Activation)
            m_values = ValueBins(grid.qn - beyond, grid.qp + beyond, valueBins);
    }

    void add(std::span<const float> x, int channel)
    {
        thread_local std::vector<float> u, q, g;
        u.resize(x.size());
        q.resize(x.size());
        g.assign(x.size(), 1);
        tile::scale(x.data(), 1 / m_quantizer.codeStep(channel), u.data(), x.size());
        m_quantizer.code(u, q);
        countCodes(x, u, q, channel);
        if (!m_values.counts.empty())
            m_values.add(u);
        addError(x, q, m_quantizer.step(channel));
        m_quantizer.backward(u, q, g, channel);
        tile::maskOpen(x.data(), m_activation.low, m_activation.high, g.data(), g.data(), g.size());
        for (const float slope : g) {
            const double bin = std::abs(double(slope)) * slopeBinsPerUnit;
            ++m_slopes[std::size_t(std::min<double>(bin, slopeBins - 1))];
        }
    }

    void add(const Measure& other)
    {
        const auto addTo
            = [](std::vector<std::int64_t>& sums, const std::vector<std::int64_t>& more) {
                  std::ranges::transform(sums, more, sums.begin(), std::plus<>());
              };
        addTo(m_levels, other.m_levels);
        addTo(m_slopes, other.m_slopes);
        addTo(m_values.counts, other.m_values.counts);
        m_count += other.m_count;
        m_zero += other.m_zero;
        m_beyond += other.m_beyond;
        m_masked += other.m_masked;
        m_energy += other.m_energy;
        m_quantizedEnergy += other.m_quantizedEnergy;
        m_product += other.m_product;
        m_error += other.m_error;
    }

    void report(QuantizerReport& report) const
    {
        const double count = double(std::max<std::int64_t>(m_count, 1));
        report.levels = m_levels;
        report.levelsUsed
            = int(std::ranges::count_if(m_levels, [](std::int64_t n) { return n > 0; }));
        report.saturated = double(m_beyond) / count;
        report.masked = double(m_masked) / count;
        report.zero = double(m_zero) / count;
        report.slopes = m_slopes;
        report.values = m_values;
        constexpr double tiny = 1e-300;
        report.meanSquaredError = m_error / count;
        report.sqnr = 10 * std::log10((m_energy + tiny) / (m_error + tiny));
        report.cosine = m_product / (std::sqrt(m_energy * m_quantizedEnergy) + tiny);
    }

private:
    void countCodes(std::span<const float> x, std::span<const float> u, std::span<const float> q,
                    int channel)
    {
        const GradientMask::Bounds covered = m_quantizer.covered(channel);
        const GradientMask::Bounds passes = m_quantizer.passes(channel);
        for (std::size_t i = 0; i < u.size(); ++i) {
            ++m_levels[std::size_t(int(q[i]) - m_quantizer.grid().qn)];
            m_zero += q[i] == 0;
            m_beyond += u[i] < covered.low || u[i] > covered.high;
            m_masked += !(u[i] > passes.low && u[i] < passes.high && x[i] > m_activation.low
                          && x[i] < m_activation.high);
        }
        m_count += std::int64_t(u.size());
    }

    void addError(std::span<const float> x, std::span<const float> q, float step)
    {
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double value = x[i], quantized = double(step) * double(q[i]);
            m_energy += value * value;
            m_quantizedEnergy += quantized * quantized;
            m_product += value * quantized;
            m_error += (value - quantized) * (value - quantized);
        }
    }

    const Quantizer& m_quantizer;
    Activation m_activation;
    std::vector<std::int64_t> m_levels;
    std::vector<std::int64_t> m_slopes;
    ValueBins m_values;
    std::int64_t m_count = 0, m_zero = 0, m_beyond = 0, m_masked = 0;
    double m_energy = 0, m_quantizedEnergy = 0, m_product = 0, m_error = 0;
};

} // namespace

QuantizerReport measureQuantizer(const Quantizer& quantizer, const Tensor& values,
                                 const Activation& activation)
{
    QuantizerReport report;
    report.name = quantizer.name();
    report.kind = quantizer.kind() == QuantizerKind::Weight ? "weight" : "activation";
    report.bits = quantizer.grid().bits;
    report.leastCode = quantizer.grid().qn;
    report.gridLevels = quantizer.grid().levels();
    Tensor transformed;
    if (quantizer.transform()) {
        transformed = Tensor(values.shape());
        quantizer.transform()->apply(values, transformed);
    }
    const Tensor& seen = transformed ? transformed : values;
    Measure measure(quantizer, activation);
    const std::size_t part = std::size_t(seen.size()) / std::size_t(quantizer.steps());
    for (int channel = 0; channel < quantizer.steps(); ++channel) {
        report.step += double(quantizer.step(channel)) / quantizer.steps();
        if (quantizer.isProjected())
            report.codeStep = report.codeStep.value_or(0)
                + double(quantizer.codeStep(channel)) / quantizer.steps();
    }
    // Blocks are fixed and added in their order: the sums do not depend on the threads.
    const std::size_t perPart = (part + blockSize - 1) / blockSize;
    const auto blocks = std::int64_t(perPart) * quantizer.steps();
    std::vector<Measure> measures(std::size_t(blocks), measure);
#pragma omp parallel for schedule(static) if (blocks > 1)
    for (std::int64_t block = 0; block < blocks; ++block) {
        const auto channel = std::size_t(block) / perPart;
        const std::size_t from = std::size_t(block) % perPart * blockSize;
        const std::size_t to = std::min(part, from + blockSize);
        for (std::size_t at = from; at < to; at += tileSize)
            measures[std::size_t(block)].add(
                seen.values().subspan(channel * part + at, std::min(tileSize, to - at)),
                int(channel));
    }
    for (const Measure& block : measures)
        measure.add(block);
    measure.report(report);
    return report;
}

double shareOfFlips(const Codes& before, const Codes& after)
{
    require(before.size() == after.size(), "flips are counted in one tensor");
    std::int64_t flips = 0;
    for (std::int64_t i = 0; i < before.size(); ++i)
        flips += before.data()[i] != after.data()[i];
    return double(flips) / double(std::max<std::int64_t>(before.size(), 1));
}

} // namespace stair
