#include "core/zoo/lenet5.h"

#include "core/zoo/blocks.h"

#include <algorithm>

namespace stair {

namespace {

Graph build(const Shape& image, int classes, const ParamValues& values)
{
    requireImage("lenet5", image, 12);
    const bool batchNorm = values.flag("batch_norm");
    const double width = values.real("width");
    // The paper pads its 28x28 digits to 32x32; larger images need no border.
    const int pad = std::min(image.h, image.w) < 32 ? 2 : 0;

    const auto conv = [&](int channels, int border) {
        return ConvUnit{.channels = scaled(channels, width),
                        .kernel = 5,
                        .pad = border,
                        .pool = true,
                        .batchNorm = batchNorm};
    };
    const auto linear = [&](int outputs) {
        return LinearUnit{.outputs = scaled(outputs, width), .batchNorm = batchNorm};
    };
    Graph graph(image);
    int x = addConvUnit(graph, "stage1", "", 0, conv(6, pad));
    x = addConvUnit(graph, "stage2", "", x, conv(16, 0));
    x = addLinearUnit(graph, "hidden0", x, linear(120));
    x = addLinearUnit(graph, "hidden1", x, linear(84));
    graph.linear("head.linear", x, classes);
    return graph;
}

} // namespace

NetworkInfo lenet5Info()
{
    return {.id = "lenet5",
            .title = "LeNet-5",
            .help = "Two 5x5 convolutions (6, 16) and linear layers of 120 and 84, with ReLU and "
                    "max pooling in place of the original's tanh and averages.",
            .source = "LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86 (1998)",
            .params = {widthParam(),
                       ParamSpec::flag("batch_norm", "Batch norm", true,
                                       "Batch norm instead of a bias after every layer but the "
                                       "last; off is the classic network.")},
            .build = build};
}

} // namespace stair
