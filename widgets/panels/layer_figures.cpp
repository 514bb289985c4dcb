#include "widgets/panels/layer_figures.h"

#include "core/train/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stair {

namespace {

const GradientReport* gradientOf(const LayersReport& report, const std::string& layer)
{
    const auto found
        = std::ranges::find(report.gradients, layer + ".weight", &GradientReport::name);
    return found != report.gradients.end() ? &*found : nullptr;
}

HistogramSeries seriesOf(const ValueBins& bins, double unit)
{
    HistogramSeries series;
    if (bins.counts.empty())
        return series;
    for (std::size_t i = 0; i <= bins.counts.size(); ++i)
        series.edges.push_back((bins.from + double(i) * bins.width) * unit);
    series.counts.assign(bins.counts.begin(), bins.counts.end());
    return series;
}

std::vector<double> octaveEdges()
{
    std::vector<double> edges;
    for (int i = 0; i <= Histogram::bins; ++i)
        edges.push_back(i - Histogram::zeroBin - 0.5);
    return edges;
}

/// What is followed over time: activations in steps, weights and gradients as they are.
HistogramSeries momentOf(const LayersReport& report, const std::string& layer, TensorSide side)
{
    if (side != TensorSide::Activations)
        return layerHistogram(report, layer, side);
    const QuantizerReport* quantizer = quantizerOf(report, layer, side);
    return quantizer ? seriesOf(quantizer->values, 1) : HistogramSeries();
}

/// `series` in the bins between `edges`, which cover it and are its own or wider by a power of two.
/// Empty where they are not.
std::vector<double> sharesIn(const HistogramSeries& series, const std::vector<double>& edges)
{
    const std::size_t rows = edges.size() - 1;
    std::vector<double> shares(rows, 0);
    const double sum = std::accumulate(series.counts.begin(), series.counts.end(), 0.0);
    const double width = (edges.back() - edges.front()) / double(rows);
    const double own = series.counts.empty()
        ? 0
        : (series.edges.back() - series.edges.front()) / double(series.counts.size());
    if (!(sum > 0) || own > width * 1.0001 || series.edges.front() < edges.front() - width / 2)
        return {};
    for (std::size_t i = 0; i < series.counts.size(); ++i) {
        const double centre = (series.edges[i] + series.edges[i + 1]) / 2;
        const double row = std::floor((centre - edges.front()) / width);
        shares[std::size_t(std::clamp(row, 0.0, double(rows - 1)))] += 100 * series.counts[i] / sum;
    }
    return shares;
}

} // namespace

const QuantizerReport* quantizerOf(const LayersReport& report, const std::string& layer,
                                   TensorSide side)
{
    const std::vector<LayerParts> parts = layerParts(report);
    const LayerParts* found = findLayer(parts, layer);
    if (!found || side == TensorSide::Gradients)
        return nullptr;
    const int row = side == TensorSide::Weights ? found->weight
        : found->activations.empty()            ? -1
                                                : found->activations.front();
    return row >= 0 ? &report.quantizers[std::size_t(row)] : nullptr;
}

std::string traceName(const LayersReport& report, const std::string& layer, TensorSide side)
{
    if (side == TensorSide::Gradients)
        return layer + ".weight";
    const QuantizerReport* quantizer = quantizerOf(report, layer, side);
    return quantizer ? quantizer->name : std::string();
}

std::vector<int> gridCodes(const QuantizerReport& quantizer)
{
    const int span = int(quantizer.levels.size());
    std::vector<int> codes;
    for (int i = 0; i < span; ++i) {
        const int code = quantizer.leastCode + i;
        const int magnitude = std::abs(code);
        // Fewer levels than the span: odd codes, or powers of two with zero (core/tensor/grid.h).
        const bool isLevel = quantizer.gridLevels >= span || quantizer.gridLevels == 0
            || (2 * quantizer.gridLevels == span + 1 ? magnitude % 2 == 1
                                                     : (magnitude & (magnitude - 1)) == 0);
        if (isLevel)
            codes.push_back(code);
    }
    return codes;
}

HistogramSeries layerHistogram(const LayersReport& report, const std::string& layer,
                               TensorSide side)
{
    if (side == TensorSide::Activations) {
        const QuantizerReport* quantizer = quantizerOf(report, layer, side);
        return quantizer ? seriesOf(quantizer->values, quantizer->step) : HistogramSeries();
    }
    const GradientReport* gradient = gradientOf(report, layer);
    if (!gradient)
        return {};
    if (side == TensorSide::Weights)
        return seriesOf(gradient->values, 1);
    HistogramSeries series;
    if (gradient->bins.size() != std::size_t(Histogram::bins))
        return series;
    series.edges = octaveEdges();
    series.counts.assign(gradient->bins.begin(), gradient->bins.end());
    return series;
}

HistogramGrid layerGrid(const LayersReport& report, const std::string& layer, TensorSide side)
{
    HistogramGrid grid;
    const QuantizerReport* quantizer = quantizerOf(report, layer, side);
    if (!quantizer)
        return grid;
    for (const int code : gridCodes(*quantizer)) {
        grid.levels.push_back(code * quantizer->step);
        grid.counts.push_back(double(quantizer->levels[std::size_t(code - quantizer->leastCode)]));
    }
    // Half a level beyond the ends; two levels (signs) cut nothing off.
    if (grid.levels.size() > 2) {
        const double gap = grid.levels[1] - grid.levels[0];
        const double ratio = quantizer->codeStep.value_or(quantizer->step) / quantizer->step;
        grid.clipLow = (grid.levels.front() - gap / 2) * ratio;
        grid.clipHigh = (grid.levels.back() + gap / 2) * ratio;
    }
    return grid;
}

HeatMapCells layerOverTime(const std::vector<LayersReport>& kept, const std::string& layer,
                           TensorSide side)
{
    HeatMapCells cells;
    // The widest bins of all: others are theirs halved again and again.
    for (const LayersReport& report : kept) {
        const HistogramSeries series = momentOf(report, layer, side);
        if (series.counts.empty())
            continue;
        const bool isWider = cells.edges.empty() || series.edges.back() > cells.edges.back();
        if (isWider || side == TensorSide::Activations)
            cells.edges = series.edges;
    }
    if (cells.edges.empty())
        return cells;
    for (const LayersReport& report : kept) {
        std::vector<double> shares = sharesIn(momentOf(report, layer, side), cells.edges);
        if (shares.empty())
            continue;
        cells.steps.push_back(double(report.step));
        cells.shares.push_back(std::move(shares));
        const HistogramGrid grid = layerGrid(report, layer, side);
        const QuantizerReport* quantizer = quantizerOf(report, layer, side);
        const bool inSteps = side == TensorSide::Activations && quantizer && quantizer->step > 0;
        const double unit = inSteps ? quantizer->step : 1;
        const bool hasClip = grid.clipHigh > grid.clipLow;
        cells.clipLow.push_back(hasClip ? grid.clipLow / unit : std::nan(""));
        cells.clipHigh.push_back(hasClip ? grid.clipHigh / unit : std::nan(""));
    }
    return cells;
}

} // namespace stair
