#include "core/zoo/densenet.h"

#include "core/zoo/blocks.h"

#include <vector>

namespace stair {

namespace {

constexpr int blocks = 3;
constexpr int layersPerBlock = 16; // 100 = 3 blocks of 16 layers of two, and 4 around them
constexpr int bottleneck = 4; // channels of the 1x1 convolution over the growth

int addNormed(Graph& graph, const std::string& part, const std::string& suffix, int input)
{
    return graph.activation(part + ".act" + suffix, Op::Relu,
                            graph.batchNorm(part + ".bn" + suffix, input));
}

int addPlainConv(Graph& graph, const std::string& name, int input, int channels, int kernel)
{
    const int inC = graph.node(input).shape.c;
    return graph.conv(name, input, ConvGeometry::square(inC, channels, kernel, 1, kernel / 2));
}

int joined(Graph& graph, const std::string& part, const std::vector<int>& features)
{
    return features.size() == 1 ? features.front()
                                : graph.concatChannels(part + ".concat", features);
}

/// Batch norm, ReLU, 1x1, batch norm, ReLU, 3x3: the block's maps `growth` channels richer.
int addLayer(Graph& graph, const std::string& part, const std::vector<int>& features, int growth)
{
    int x = addNormed(graph, part, "1", joined(graph, part, features));
    x = addPlainConv(graph, part + ".conv1", x, bottleneck * growth, 1);
    x = addNormed(graph, part, "2", x);
    return addPlainConv(graph, part + ".conv2", x, growth, 3);
}

/// Half the channels, half the rows and columns.
int addTransition(Graph& graph, const std::string& part, int input)
{
    int x = addNormed(graph, part, "", input);
    x = addPlainConv(graph, part + ".conv", x, graph.node(x).shape.c / 2, 1);
    return graph.avgPool(part + ".pool", x, PoolGeometry{});
}

Graph build(const Shape& image, int classes, const ParamValues& values)
{
    requireImage("densenet100", image, 4);
    const int growth = values.integer("growth");
    Graph graph(image);
    int x = 0;
    if (hasLargeStem(values, image)) {
        x = addConvUnit(graph, "stem", "", 0,
                        {.channels = 2 * growth, .kernel = 7, .stride = 2, .pad = 3});
        x = graph.maxPool("stem.pool", x, {3, 2, 1});
    } else {
        x = addPlainConv(graph, "stem.conv", 0, 2 * growth, 3);
    }
    for (int block = 0; block < blocks; ++block) {
        const std::string part = concat("block", block + 1);
        std::vector<int> features{x};
        for (int layer = 0; layer < layersPerBlock; ++layer)
            features.push_back(addLayer(graph, concat(part, ".layer", layer), features, growth));
        x = joined(graph, part, features);
        if (block + 1 < blocks)
            x = addTransition(graph, concat("transition", block + 1), x);
    }
    addPooledHead(graph, addNormed(graph, "last", "", x), classes);
    return graph;
}

} // namespace

NetworkInfo denseNet100Info()
{
    return {.id = "densenet100",
            .title = "DenseNet-100",
            .help
            = "DenseNet-BC: three blocks of 16 layers (1x1, 3x3), each of which sees all maps "
              "before it in its block; transitions halve channels and size.",
            .source = "Huang, Liu, van der Maaten and Weinberger, arXiv:1608.06993, section 4",
            .params = {ParamSpec::integer("growth", "Growth rate", 12, 1, 64,
                                          "Channels that each layer adds (k)."),
                       stemParam("7x7 of stride 2 with batch norm and a 3x3 max pool of stride 2",
                                 "3x3 of stride 1, the paper's own, for images of 32x32")},
            .build = build};
}

} // namespace stair
