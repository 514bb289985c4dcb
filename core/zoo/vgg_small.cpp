#include "core/zoo/vgg_small.h"

#include "core/zoo/blocks.h"

namespace stair {

namespace {

Graph build(const Shape& image, int classes, const ParamValues& values)
{
    requireImage("vgg_small", image, 8);
    Graph graph(image);
    int x = 0;
    for (int stage = 0; stage < 3; ++stage) {
        const std::string part = concat("stage", stage + 1);
        ConvUnit unit{.channels = scaled(128 << stage, values.real("width"))};
        x = addConvUnit(graph, part, "1", x, unit);
        unit.pool = true;
        x = addConvUnit(graph, part, "2", x, unit);
    }
    graph.linear("head.linear", x, classes);
    return graph;
}

} // namespace

NetworkInfo vggSmallInfo()
{
    return {.id = "vgg_small",
            .title = "VGG-small",
            .help = "Pairs of 3x3 convolutions (128, 256, 512) with batch norm and ReLU, a max "
                    "pool after each pair, one linear layer. The usual CIFAR yardstick of "
                    "quantization papers.",
            .source = "Simonyan and Zisserman, arXiv:1409.1556; Cai et al., arXiv:1702.00953",
            .params = {widthParam()},
            .build = build};
}

} // namespace stair
