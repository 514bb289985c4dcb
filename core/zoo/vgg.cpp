#include "core/zoo/vgg.h"

#include "core/base/assert.h"
#include "core/zoo/blocks.h"

#include <algorithm>
#include <array>

namespace stair {

namespace {

constexpr int leastForLargeHead = 224;
constexpr int leastImage = 32; // one pixel is left of it
constexpr int mapSide = 7; // what the large head sees

struct Layout
{
    int depth;
    std::array<int, 5> convolutions; // of each stage
};

const Layout& layoutOf(int depth)
{
    static constexpr Layout layouts[] = {{11, {1, 1, 2, 2, 2}}, {16, {2, 2, 3, 3, 3}}};
    for (const Layout& layout : layouts) {
        if (layout.depth == depth)
            return layout;
    }
    throw InternalError("VGG networks have depth 11 or 16");
}

/// The convolutions keep their biases before the batch norms, as the published sizes have them.
Graph build(const Layout& layout, const Shape& image, int classes, const ParamValues& values)
{
    requireImage(concat("vgg", layout.depth, "_bn"), image, leastImage);
    const double width = values.real("width");
    Graph graph(image);
    int x = 0;
    for (int stage = 0; stage < 5; ++stage) {
        const std::string part = concat("stage", stage + 1);
        const int channels = scaled(std::min(512, 64 << stage), width);
        for (int i = 0; i < layout.convolutions[std::size_t(stage)]; ++i)
            x = addConvUnit(graph, part, std::to_string(i + 1), x,
                            {.channels = channels, .bias = true});
        x = graph.maxPool(part + ".pool", x, PoolGeometry{});
    }
    if (takesLargeForm(values, "head", leastForLargeHead, image)) {
        x = addAverageTo(graph, "stage5.average", x, mapSide);
        for (const char* part : {"hidden0", "hidden1"})
            x = addLinearUnit(graph, part, x, {.outputs = scaled(4096, width), .batchNorm = false});
    }
    graph.linear("head.linear", x, classes);
    return graph;
}

} // namespace

NetworkInfo vggInfo(int depth)
{
    const Layout& layout = layoutOf(depth);
    return {.id = concat("vgg", depth, "_bn"),
            .title = concat("VGG-", depth, " with batch norm"),
            .help = concat("Five stages (64, 128, 256, 512, 512 channels) of 3x3 convolutions with "
                           "batch norm and ReLU, ",
                           depth - 3,
                           " in all, a 2x2 max pool after each stage. Without the "
                           "original's dropout."),
            .source = "Simonyan and Zisserman, arXiv:1409.1556, table 1",
            .params = {widthParam(),
                       formParam("head", "Head", leastForLargeHead,
                                 "two linear layers of 4096 before the last",
                                 "the last linear layer alone, as usual for images of 32x32")},
            .build = [&layout](const Shape& image, int classes, const ParamValues& values) {
                return build(layout, image, classes, values);
            }};
}

} // namespace stair
