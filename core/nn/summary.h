#pragma once

#include "core/base/json.h"
#include "core/nn/graph.h"

#include <cstdint>
#include <vector>

namespace stair {

/// One row of a network's layer table.
struct LayerSummary
{
    std::string name;
    Op op = Op::Input;
    Shape shape; // output for one image
    std::int64_t parameters = 0; // weights, biases, batch-norm scale and shift
    std::int64_t macs
        = 0; // multiply-accumulates of convolution and linear layers for one image, borders included
};

struct NetworkSummary
{
    std::vector<LayerSummary> layers; // every node, in order
    std::int64_t parameters = 0;
    std::int64_t macs = 0;
};

NetworkSummary summarize(const Graph& graph);

/// {"parameters", "macs", "layers": [{"name", "op", "shape": [h, w, c], "parameters", "macs"}]}
Json toJson(const NetworkSummary& summary);

/// The table as text with aligned columns and a line of totals.
std::string toText(const NetworkSummary& summary);

} // namespace stair
