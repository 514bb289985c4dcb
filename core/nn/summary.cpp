#include "core/nn/summary.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>

namespace stair {

namespace {

using Row = std::array<std::string, 5>;

LayerSummary summarize(const Node& node)
{
    LayerSummary layer{node.name, node.op, node.shape, 0, 0};
    if (node.op == Op::Conv || node.op == Op::Linear) {
        layer.parameters = node.conv.weightShape().size() + (node.bias ? node.conv.outC : 0);
        layer.macs = node.shape.size() * node.conv.terms();
    }
    if (node.op == Op::BatchNorm)
        layer.parameters = 2 * std::int64_t(node.shape.c);
    return layer;
}

/// Empty for nothing, so that a reader's eye finds the layers that count.
std::string countText(std::int64_t count)
{
    return count == 0 ? "" : std::to_string(count);
}

void writeRow(std::ostream& out, const Row& row, const std::array<std::size_t, 5>& widths)
{
    std::ostringstream line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const bool isNumber = i >= 3;
        line << (i == 0 ? "" : "  ") << (isNumber ? std::right : std::left)
             << std::setw(int(widths[i])) << row[i];
    }
    const std::string text = line.str();
    out << text.substr(0, text.find_last_not_of(' ') + 1) << '\n';
}

} // namespace

NetworkSummary summarize(const Graph& graph)
{
    NetworkSummary summary;
    for (const Node& node : graph.nodes()) {
        summary.layers.push_back(summarize(node));
        summary.parameters += summary.layers.back().parameters;
        summary.macs += summary.layers.back().macs;
    }
    return summary;
}

Json toJson(const NetworkSummary& summary)
{
    Json layers = Json::array();
    for (const LayerSummary& layer : summary.layers)
        layers.push_back({{"name", layer.name},
                          {"op", toString(layer.op)},
                          {"shape", {layer.shape.h, layer.shape.w, layer.shape.c}},
                          {"parameters", layer.parameters},
                          {"macs", layer.macs}});
    return {{"parameters", summary.parameters}, {"macs", summary.macs}, {"layers", layers}};
}

std::string toText(const NetworkSummary& summary)
{
    std::vector<Row> rows = {{"layer", "operation", "output", "parameters", "MACs"}};
    for (const LayerSummary& layer : summary.layers) {
        const Shape& s = layer.shape;
        rows.push_back({layer.name, toString(layer.op), concat(s.h, "x", s.w, "x", s.c),
                        countText(layer.parameters), countText(layer.macs)});
    }
    rows.push_back(
        {"total", "", "", std::to_string(summary.parameters), std::to_string(summary.macs)});

    std::array<std::size_t, 5> widths{};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::ostringstream out;
    for (const Row& row : rows)
        writeRow(out, row, widths);
    return out.str();
}

} // namespace stair
