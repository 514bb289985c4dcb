#include "core/zoo/convnet_small.h"

#include "core/zoo/blocks.h"

namespace stair {

namespace {

/// Strides rather than pools: elementwise passes over large maps would cost more than the
/// convolutions do.
Graph build(const Shape& image, int classes, const ParamValues& values)
{
    requireImage("convnet_small", image, 4);
    const double width = values.real("width");
    Graph graph(image);
    int x = addConvUnit(graph, "stem", "", 0, {.channels = scaled(16, width), .stride = 2});
    x = addConvUnit(graph, "stage1", "", x, {.channels = scaled(32, width)});
    x = addConvUnit(graph, "stage2", "", x, {.channels = scaled(64, width), .stride = 2});
    x = addConvUnit(graph, "stage3", "", x, {.channels = scaled(64, width)});
    addPooledHead(graph, x, classes);
    return graph;
}

} // namespace

NetworkInfo convNetSmallInfo()
{
    return {.id = "convnet_small",
            .title = "Small ConvNet",
            .help = "Four 3x3 convolutions (16, 32, 64, 64; the first and third of stride 2), each "
                    "with batch norm and ReLU, then a global average and a linear layer. Trains in "
                    "seconds.",
            .source = "",
            .params = {widthParam()},
            .build = build};
}

} // namespace stair
