#include "widgets/models/network_chart.h"

#include "core/nn/stage_plan.h"
#include "widgets/models/layer_table_model.h"

#include <QCoreApplication>

#include <algorithm>

namespace stair {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("NetworkChart", text);
}

QString shapeText(const Shape& shape)
{
    return shape.h * shape.w == 1
        ? QString::number(shape.c)
        : QStringLiteral("%1×%2×%3").arg(shape.h).arg(shape.w).arg(shape.c);
}

QString convText(const Stage& stage)
{
    const ConvGeometry& conv = stage.conv;
    if (stage.computed.h * stage.computed.w == 1 && conv.kernelH * conv.kernelW == 1)
        return tr("linear");
    const QString kernel = QStringLiteral("%1×%2").arg(conv.kernelH).arg(conv.kernelW);
    const QString stride = conv.stride > 1 ? tr(", stride %1").arg(conv.stride) : QString();
    return conv.groups == 1       ? tr("%1 conv%2").arg(kernel, stride)
        : conv.groups == conv.inC ? tr("%1 depthwise%2").arg(kernel, stride)
                                  : tr("%1 grouped%2").arg(kernel, stride);
}

QString moveText(const Move& move)
{
    return std::holds_alternative<PoolGeometry>(move)    ? tr("max pool")
        : std::holds_alternative<ShortcutGeometry>(move) ? tr("shortcut")
        : std::holds_alternative<SliceGeometry>(move)    ? tr("slice")
                                                         : tr("shuffle");
}

QString kindText(const Stage& stage)
{
    switch (stage.compute) {
    case Compute::Image:
        return tr("image");
    case Compute::Conv:
        return stage.poolBefore ? tr("%1, max pool").arg(convText(stage)) : convText(stage);
    case Compute::SumPool:
        return tr("average pool");
    case Compute::Concat:
        return tr("concat");
    case Compute::Add:
        return tr("join");
    case Compute::Move:
        return moveText(stage.move);
    case Compute::Copy:
        break;
    }
    return stage.skip ? tr("join") : tr("norm, activation");
}

ChartNode nodeOf(const std::vector<Stage>& stages, const Stage& stage)
{
    ChartNode node{.name = QString::fromStdString(stage.name),
                   .result = QString::fromStdString(stage.outputName),
                   .kind = kindText(stage),
                   .shape = shapeText(stage.output)};
    if (stage.compute == Compute::Conv)
        node.weightBits = stage.weightBits;
    if (stage.source.stage >= 0 && stage.parts.empty())
        node.sourceBits
            = stages[std::size_t(stage.source.stage)].views[std::size_t(stage.source.view)].bits;
    return node;
}

const QuantizerReport* quantizerOf(const LayersReport& report, const ChartNode& node, bool weight)
{
    const std::string start = (weight ? node.name + ".weight." : node.result + ".").toStdString();
    const auto found = std::ranges::find_if(report.quantizers, [&](const QuantizerReport& q) {
        return q.name.starts_with(start) && (q.kind == "weight") == weight;
    });
    return found == report.quantizers.end() ? nullptr : &*found;
}

std::optional<double> timeOf(const Json& bench, const ChartNode& node)
{
    if (!bench.is_object())
        return {};
    const Json& run = bench.at("runs").at(0);
    for (const Json& layer : run.at("layers"))
        if (layer.at("name") == node.name.toStdString())
            return 1000 * layer.at("integer_ms").get<double>() / run.at("batch").get<double>();
    return {};
}

} // namespace

NetworkChart NetworkChart::of(const Graph& graph, const QuantSpec& quant)
{
    const std::vector<Stage> stages = planStages(graph, quant);
    NetworkChart chart;
    std::vector<int> boxes(stages.size(), -1); // that gives a stage's result
    const auto add = [&chart](ChartNode node) {
        chart.nodes.push_back(std::move(node));
        return int(chart.nodes.size()) - 1;
    };
    for (std::size_t s = 0; s < stages.size(); ++s) {
        const Stage& stage = stages[s];
        if (stage.isAuxiliary)
            continue;
        int box = add(nodeOf(stages, stage));
        const std::vector<Reading> sources = !stage.parts.empty() ? stage.parts
            : stage.source.stage >= 0 ? std::vector<Reading>{stage.source}
                                      : std::vector<Reading>{};
        for (const Reading& source : sources)
            chart.edges.push_back({boxes[std::size_t(source.stage)], box, false});
        if (stage.skip) {
            const int skipped = boxes[std::size_t(stage.skip->stage)];
            if (stage.compute != Compute::Copy) { // the layer and its join: two boxes
                chart.nodes[std::size_t(box)].result.clear();
                const QString name = QString::fromStdString(stage.outputName);
                const int join = add({name, name, tr("join"), shapeText(stage.output), 0, 0});
                chart.edges.push_back({box, join, false});
                box = join;
            }
            chart.edges.push_back({skipped, box, true});
        }
        boxes[s] = box;
    }
    return chart;
}

int NetworkChart::find(const QString& name) const
{
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (!name.isEmpty() && (nodes[i].name == name || nodes[i].result == name))
            return int(i);
    return -1;
}

std::vector<ChartMeasureInfo> chartMeasures()
{
    return {
        {ChartMeasure::WeightBits, tr("bits of weights"), tr("Width of each layer's weights"),
         false},
        {ChartMeasure::SourceBits, tr("bits of the input"),
         tr("Width of the codes that a layer reads"), false},
        {ChartMeasure::WeightSqnr, tr("SQNR of weights, dB"),
         tr("10 log10 of the weights' energy over that of their quantization error; higher is "
            "better")},
        {ChartMeasure::ResultSqnr, tr("SQNR of the result, dB"),
         tr("The same of the activations that a layer gives")},
        {ChartMeasure::WeightSaturation, tr("saturated weights, %"),
         tr("Share of the weights that the grid's ends cut off")},
        {ChartMeasure::ResultSaturation, tr("saturated result, %"),
         tr("Share of the activations that the grid's ends cut off")},
        {ChartMeasure::Time, tr("time, µs an image"),
         tr("Of the shipped program on this machine, in batches of 32, by stair bench")},
    };
}

std::vector<std::optional<double>> chartValues(const NetworkChart& chart, ChartMeasure measure,
                                               const LayersReport* report, const Json& bench)
{
    const auto valueOf = [&](const ChartNode& node) -> std::optional<double> {
        switch (measure) {
        case ChartMeasure::WeightBits:
            return node.weightBits > 0 ? std::optional<double>(node.weightBits) : std::nullopt;
        case ChartMeasure::SourceBits:
            return node.sourceBits > 0 ? std::optional<double>(node.sourceBits) : std::nullopt;
        case ChartMeasure::Time:
            return timeOf(bench, node);
        default:
            break;
        }
        const bool weight
            = measure == ChartMeasure::WeightSqnr || measure == ChartMeasure::WeightSaturation;
        if (!report || (weight && node.weightBits == 0) || (!weight && node.result.isEmpty()))
            return {};
        const QuantizerReport* quantizer = quantizerOf(*report, node, weight);
        if (!quantizer)
            return {};
        const bool sqnr
            = measure == ChartMeasure::WeightSqnr || measure == ChartMeasure::ResultSqnr;
        return sqnr ? quantizer->sqnr : 100 * quantizer->saturated;
    };
    std::vector<std::optional<double>> values;
    for (const ChartNode& node : chart.nodes)
        values.push_back(valueOf(node));
    return values;
}

QString chartText(ChartMeasure measure, double value)
{
    switch (measure) {
    case ChartMeasure::WeightBits:
    case ChartMeasure::SourceBits:
        return widthText(int(value));
    case ChartMeasure::WeightSaturation:
    case ChartMeasure::ResultSaturation:
        return QString::number(value, 'f', 2);
    default:
        return QString::number(value, 'f', 1);
    }
}

} // namespace stair
