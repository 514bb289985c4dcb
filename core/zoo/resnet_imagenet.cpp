#include "core/zoo/resnet_imagenet.h"

#include "core/base/assert.h"
#include "core/zoo/blocks.h"

#include <array>

namespace stair {

namespace {

constexpr int expansion = 4; // channels out of a bottleneck over those within it

struct Layout
{
    int depth;
    std::array<int, 4> blocks; // of each stage
    bool bottleneck;
};

const Layout& layoutOf(int depth)
{
    static constexpr Layout layouts[]
        = {{18, {2, 2, 2, 2}, false}, {34, {3, 4, 6, 3}, false}, {50, {3, 4, 6, 3}, true}};
    for (const Layout& layout : layouts) {
        if (layout.depth == depth)
            return layout;
    }
    throw InternalError("large residual networks have depth 18, 34 or 50");
}

int addStem(Graph& graph, int channels, bool large)
{
    if (!large)
        return addConvUnit(graph, "stem", "", 0, {.channels = channels});
    const int x = addConvUnit(graph, "stem", "", 0,
                              {.channels = channels, .kernel = 7, .stride = 2, .pad = 3});
    return graph.maxPool("stem.pool", x, {3, 2, 1});
}

int addPlainBranch(Graph& graph, const std::string& part, int input, int channels, int stride)
{
    const int x = addConvUnit(graph, part, "1", input, {.channels = channels, .stride = stride});
    return addConvUnit(graph, part, "2", x, {.channels = channels, .activation = std::nullopt});
}

/// The stride is at the 3x3 convolution, as most implementations have it.
int addBottleneckBranch(Graph& graph, const std::string& part, int input, int channels, int stride)
{
    int x = addConvUnit(graph, part, "1", input, {.channels = channels, .kernel = 1, .pad = 0});
    x = addConvUnit(graph, part, "2", x, {.channels = channels, .stride = stride});
    return addConvUnit(
        graph, part, "3", x,
        {.channels = expansion * channels, .kernel = 1, .pad = 0, .activation = std::nullopt});
}

int addBlock(Graph& graph, const std::string& part, int input, int channels, int stride,
             bool bottleneck)
{
    const int x = bottleneck ? addBottleneckBranch(graph, part, input, channels, stride)
                             : addPlainBranch(graph, part, input, channels, stride);
    const int skip = addProjection(graph, part, input, graph.node(x).shape.c, stride);
    return graph.activation(part + ".act", Op::Relu, graph.add(part + ".add", x, skip));
}

Graph build(const Layout& layout, const Shape& image, int classes, const ParamValues& values)
{
    requireImage(concat("resnet", layout.depth), image, 4);
    const int channels = scaled(64, values.real("width"));
    Graph graph(image);
    int x = addStem(graph, channels, hasLargeStem(values, image));
    for (int stage = 0; stage < 4; ++stage) {
        for (int block = 0; block < layout.blocks[std::size_t(stage)]; ++block) {
            const int stride = stage > 0 && block == 0 ? 2 : 1;
            x = addBlock(graph, concat("stage", stage + 1, ".block", block), x, channels << stage,
                         stride, layout.bottleneck);
        }
    }
    addPooledHead(graph, x, classes);
    return graph;
}

} // namespace

NetworkInfo resnetImageNetInfo(int depth)
{
    const Layout& layout = layoutOf(depth);
    return {.id = concat("resnet", depth),
            .title = concat("ResNet-", depth),
            .help = concat("Four stages (64, 128, 256, 512 channels) of ",
                           layout.bottleneck ? "bottlenecks (1x1, 3x3, 1x1 with four times the "
                                               "channels, the stride at the 3x3)"
                                             : "residual blocks of two 3x3 convolutions",
                           "; global average and a linear layer."),
            .source = "He, Zhang, Ren and Sun, arXiv:1512.03385, table 1",
            .params = {widthParam(),
                       stemParam("7x7 of stride 2 and a 3x3 max pool of stride 2",
                                 "3x3 of stride 1, no pool, for images of about 32x32")},
            .build = [&layout](const Shape& image, int classes, const ParamValues& values) {
                return build(layout, image, classes, values);
            }};
}

} // namespace stair
