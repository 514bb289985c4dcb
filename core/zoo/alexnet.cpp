#include "core/zoo/alexnet.h"

#include "core/zoo/blocks.h"

namespace stair {

namespace {

constexpr int leastForLargeStem = 224;
constexpr int leastImage = 16; // one pixel is left of it
constexpr int mapSide = 6; // what the first linear layer sees of a large image

/// A stage's convolution followed, behind the activation, by a max pool.
int addPooledUnit(Graph& graph, const std::string& part, int input, const ConvUnit& unit,
                  const PoolGeometry& pool)
{
    return graph.maxPool(part + ".pool", addConvUnit(graph, part, "", input, unit), pool);
}

Graph build(const Shape& image, int classes, const ParamValues& values)
{
    requireImage("alexnet", image, leastImage);
    const bool large = takesLargeForm(values, "stem", leastForLargeStem, image);
    const bool norm = values.flag("batch_norm");
    const auto wide = [&values](int channels) {
        return scaled(channels, values.real("width"));
    };
    const PoolGeometry pool{large ? 3 : 2, 2, 0};
    const ConvUnit first = large
        ? ConvUnit{.channels = wide(64), .kernel = 11, .stride = 4, .pad = 2, .batchNorm = norm}
        : ConvUnit{.channels = wide(64), .stride = 2, .batchNorm = norm};
    Graph graph(image);
    int x = addPooledUnit(graph, "stage1", 0, first, pool);
    x = addPooledUnit(graph, "stage2", x,
                      {.channels = wide(192), .kernel = 5, .pad = 2, .batchNorm = norm}, pool);
    x = addConvUnit(graph, "stage3", "", x, {.channels = wide(384), .batchNorm = norm});
    x = addConvUnit(graph, "stage4", "", x, {.channels = wide(256), .batchNorm = norm});
    x = addPooledUnit(graph, "stage5", x, {.channels = wide(256), .batchNorm = norm}, pool);
    if (large)
        x = addAverageTo(graph, "stage5.average", x, mapSide);
    for (const char* part : {"hidden0", "hidden1"})
        x = addLinearUnit(graph, part, x, {.outputs = wide(4096), .batchNorm = norm});
    graph.linear("head.linear", x, classes);
    return graph;
}

} // namespace

NetworkInfo alexNetInfo()
{
    return {.id = "alexnet",
            .title = "AlexNet",
            .help
            = "Five convolutions (64, 192, 384, 256, 256) with three max pools and two linear "
              "layers of 4096. Without the original's dropout and response normalisation.",
            .source = "Krizhevsky et al. 2012; Krizhevsky, arXiv:1404.5997",
            .params
            = {widthParam(),
               ParamSpec::flag("batch_norm", "Batch norm", false,
                               "Batch norm instead of a bias after every layer but the "
                               "last; off is the classic network."),
               formParam("stem", "Stem", leastForLargeStem, "11x11 of stride 4 and 3x3 max pools",
                         "3x3 of stride 2 and 2x2 max pools, for images of about 32x32")},
            .build = build};
}

} // namespace stair
