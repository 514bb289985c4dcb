#include "core/zoo/resnet.h"

#include "core/base/assert.h"
#include "core/zoo/blocks.h"

namespace stair {

namespace {

/// The skip of a block without weights: every second pixel, channels of zeros appended.
int addPadded(Graph& graph, const std::string& part, int input, const ConvUnit& first)
{
    if (first.stride == 1 && first.channels == graph.node(input).shape.c)
        return input;
    return graph.padShortcut(part + ".shortcut.pad", input, {first.stride, first.channels});
}

int addBlock(Graph& graph, const std::string& part, int input, const ConvUnit& first, bool projects)
{
    int x = addConvUnit(graph, part, "1", input, first);
    x = addConvUnit(graph, part, "2", x, {.channels = first.channels, .activation = std::nullopt});
    const int skip = projects ? addProjection(graph, part, input, first.channels, first.stride)
                              : addPadded(graph, part, input, first);
    return graph.activation(part + ".act2", Op::Relu, graph.add(part + ".add", x, skip));
}

Graph build(int depth, const Shape& image, int classes, const ParamValues& values)
{
    requireImage(concat("resnet", depth), image, 4);
    const bool projects = values.text("shortcut") == "B";
    Graph graph(image);
    int x = addConvUnit(graph, "stem", "", 0, {.channels = scaled(16, values.real("width"))});
    for (int stage = 0; stage < 3; ++stage) {
        for (int block = 0; block < (depth - 2) / 6; ++block) {
            const ConvUnit first{.channels = scaled(16 << stage, values.real("width")),
                                 .stride = stage > 0 && block == 0 ? 2 : 1};
            x = addBlock(graph, concat("stage", stage + 1, ".block", block), x, first, projects);
        }
    }
    addPooledHead(graph, x, classes);
    return graph;
}

} // namespace

NetworkInfo resnetInfo(int depth)
{
    require(depth >= 8 && (depth - 2) % 6 == 0, "a small-image ResNet's depth is 6 n + 2");
    return {.id = concat("resnet", depth),
            .title = concat("ResNet-", depth),
            .help = concat("Three stages (16, 32, 64 channels) of ", (depth - 2) / 6,
                           " residual blocks of two 3x3 convolutions; global average and a linear "
                           "layer. For images of about 32x32."),
            .source = "He, Zhang, Ren and Sun, arXiv:1512.03385, section 4.2",
            .params = {widthParam(),
                       ParamSpec::choice("shortcut", "Shortcut", "B", {"A", "B"},
                                         "Where the shape changes. A: every second pixel, zero "
                                         "channels appended, no weights (the paper's CIFAR "
                                         "networks). B: 1x1 convolution and batch norm.")},
            .build = [depth](const Shape& image, int classes, const ParamValues& values) {
                return build(depth, image, classes, values);
            }};
}

} // namespace stair
