#pragma once

#include "core/session/event_lines.h"
#include "core/train/histogram.h"
#include "core/train/observer.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

namespace stair {

/// Records of layers as a trainer would write them, of a small network whose weights spread as it trains.
class ActedLayers
{
public:
    ActedLayers(const std::filesystem::path& folder, bool quantized, int bits = 4)
        : m_file(folder / "layers.jsonl")
        , m_quantized(quantized)
        , m_bits(bits)
    {
    }

    void write(std::int64_t step)
    {
        std::ofstream(m_file, std::ios::app) << toLine(layersLine(report(step))) << '\n';
    }

    void writeText(const std::string& text) { std::ofstream(m_file, std::ios::app) << text; }

    LayersReport report(std::int64_t step) const
    {
        LayersReport report;
        report.step = step;
        int seed = 0;
        for (const char* layer : {"stem.conv", "stage1.conv1", "stage1.conv2", "head.fc"})
            add(report, layer, ++seed);
        return report;
    }

private:
    void add(LayersReport& report, const std::string& layer, int seed) const
    {
        std::mt19937 random{std::uint32_t(seed)};
        const double own = !m_quantized ? 0.75 : m_bits == 2 ? 1.25 : 1;
        const double spread = own * 0.05 * seed * (1 + double(report.step) / 2000);
        std::normal_distribution<float> normal(0, float(spread));
        std::vector<float> weights(4000), gradients(4000), values(8000);
        for (float& w : weights)
            w = normal(random);
        for (float& g : gradients)
            g = 1e-3f * normal(random);
        for (float& v : values)
            v = std::max(0.0f, 12 * normal(random));
        if (m_quantized) {
            report.quantizers.push_back(
                measure(layer + ".weight.step", "weight", weights, 0.04 * seed, true));
            report.quantizers.back().flips = 0.02 / seed;
            report.quantizers.push_back(
                measure(layer + ".act.step", "activation", values, 0.08 * seed, false));
        }
        Histogram histogram;
        histogram.add(gradients);
        report.gradients.push_back({.name = layer + ".weight",
                                    .norm = spread,
                                    .bins = histogram.counts(),
                                    .values = binsOf(weights),
                                    .clip = {}});
    }

    QuantizerReport measure(const std::string& name, const char* kind,
                            const std::vector<float>& values, double step, bool isSigned) const
    {
        QuantizerReport report;
        report.name = name;
        report.kind = kind;
        report.bits = m_bits;
        report.step = step;
        const int levels = 1 << m_bits;
        report.leastCode = isSigned ? -levels / 2 : 0;
        report.gridLevels = levels;
        report.levels.resize(std::size_t(levels));
        report.values
            = ValueBins(report.leastCode - levels / 2.0, report.leastCode + 1.5 * levels, 96);
        if (isSigned)
            report.values.counts.clear();
        double energy = 0, error = 0;
        for (const float value : values) {
            const double u = value / step;
            const double most = report.leastCode + levels - 1;
            const double code = std::clamp(std::nearbyint(u), double(report.leastCode), most);
            ++report.levels[std::size_t(code - report.leastCode)];
            report.saturated += u > most + 0.5 || u < report.leastCode - 0.5;
            report.zero += code == 0;
            energy += double(value) * double(value);
            error += (value - step * code) * (value - step * code);
            if (!isSigned)
                report.values.add(std::vector<float>{float(u)});
        }
        for (const std::int64_t count : report.levels)
            report.levelsUsed += count > 0;
        report.saturated /= double(values.size());
        report.masked = report.saturated;
        report.zero /= double(values.size());
        report.meanSquaredError = error / double(values.size());
        report.sqnr = 10 * std::log10(energy / error);
        report.cosine = 0.99;
        return report;
    }

    std::filesystem::path m_file;
    bool m_quantized;
    int m_bits;
};

} // namespace stair
