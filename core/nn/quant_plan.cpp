#include "core/nn/quant_plan.h"

#include "core/nn/stage_plan.h"

#include <algorithm>
#include <numeric>

namespace stair {

namespace {

LayerPlan planLayer(const Stage& stage, const View& source, const QuantSpec& quant)
{
    LayerPlan layer;
    layer.name = stage.name;
    layer.isLinear = stage.conv.kernelH * stage.conv.kernelW == 1 && stage.computed.h == 1
        && stage.computed.w == 1;
    layer.isDepthwise = stage.conv.groups > 1 && stage.conv.groups == stage.conv.inC;
    layer.output = stage.computed;
    layer.weights = stage.conv.weightShape().size();
    layer.macs = layer.weights * stage.computed.h * stage.computed.w;
    layer.weightBits = stage.weightBits;
    layer.sourceBits = source.bits;
    if (isCoded(layer.weightBits))
        layer.weightGrid = weightGrid(quant, layer.weightBits);
    if (!source.isFloat())
        layer.sourceGrid = source.grid;
    return layer;
}

template<typename Of>
double sum(const std::vector<LayerPlan>& layers, const Of& of)
{
    return std::accumulate(
        layers.begin(), layers.end(), 0.0,
        [&](double sum, const LayerPlan& layer) { return sum + double(of(layer)); });
}

} // namespace

std::int64_t QuantPlan::macs() const
{
    return std::int64_t(sum(layers, [](const LayerPlan& layer) { return layer.macs; }));
}

double QuantPlan::kilobytes() const
{
    return sum(layers, [](const LayerPlan& layer) { return layer.kilobytes(); });
}

double QuantPlan::floatKilobytes() const
{
    return sum(layers, [](const LayerPlan& layer) { return double(layer.weights) * 4 / 1000; });
}

double QuantPlan::bitOperations() const
{
    return sum(layers, [](const LayerPlan& layer) { return layer.bitOperations(); });
}

double QuantPlan::floatBitOperations() const
{
    return double(macs()) * floatBits * floatBits;
}

std::vector<std::string> QuantPlan::floatLayers() const
{
    std::vector<std::string> names;
    for (const LayerPlan& layer : layers)
        if (!layer.isInteger())
            names.push_back(layer.name);
    return names;
}

QuantPlan planQuantization(const Graph& graph, const QuantSpec& quant)
{
    const std::vector<Stage> stages = planStages(graph, quant);
    QuantPlan plan;
    for (const Stage& stage : stages) {
        if (stage.compute != Compute::Conv || stage.isAuxiliary)
            continue;
        const Stage& from = stages[std::size_t(stage.source.stage)];
        plan.layers.push_back(planLayer(stage, from.views[std::size_t(stage.source.view)], quant));
    }
    return plan;
}

} // namespace stair
