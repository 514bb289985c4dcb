#include "core/zoo/mobilenet_v2.h"

#include "core/zoo/blocks.h"

#include <algorithm>

namespace stair {

namespace {

struct StageRow
{
    int expansion;
    int channels;
    int blocks;
    int stride; // of the first block
};

constexpr StageRow stageRows[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                  {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
constexpr int lastChannels = 1280; // never fewer, also in narrow networks

/// The nearest multiple of 8, but not more than a tenth below.
int inEights(double channels)
{
    const int nearest = std::max(8, int(channels + 4) / 8 * 8);
    return nearest < 0.9 * channels ? nearest + 8 : nearest;
}

int addBlock(Graph& graph, const std::string& part, int input, int expansion, int channels,
             int stride)
{
    const int inC = graph.node(input).shape.c;
    const int inner = inC * expansion;
    int x = input;
    if (expansion != 1)
        x = addConvUnit(graph, part, "1", x,
                        {.channels = inner, .kernel = 1, .pad = 0, .activation = Op::Relu6});
    x = addConvUnit(
        graph, part, "2", x,
        {.channels = inner, .stride = stride, .groups = inner, .activation = Op::Relu6});
    x = addConvUnit(graph, part, "3", x,
                    {.channels = channels, .kernel = 1, .pad = 0, .activation = std::nullopt});
    return stride == 1 && channels == inC ? graph.add(part + ".add", x, input) : x;
}

/// For small images the stem and the second stage keep their size: an image of 32x32 then ends as
/// 4x4 pixels.
Graph build(const Shape& image, int classes, const ParamValues& values)
{
    requireImage("mobilenet_v2", image, 4);
    const double width = values.real("width");
    const bool large = hasLargeStem(values, image);
    Graph graph(image);
    int x = addConvUnit(
        graph, "stem", "", 0,
        {.channels = inEights(32 * width), .stride = large ? 2 : 1, .activation = Op::Relu6});
    for (int stage = 0; stage < int(std::size(stageRows)); ++stage) {
        const StageRow& row = stageRows[stage];
        for (int block = 0; block < row.blocks; ++block) {
            const bool shrinks = block == 0 && (large || stage != 1);
            x = addBlock(graph, concat("stage", stage + 1, ".block", block), x, row.expansion,
                         inEights(row.channels * width), shrinks ? row.stride : 1);
        }
    }
    x = addConvUnit(graph, "last", "", x,
                    {.channels = inEights(lastChannels * std::max(1.0, width)),
                     .kernel = 1,
                     .pad = 0,
                     .activation = Op::Relu6});
    addPooledHead(graph, x, classes);
    return graph;
}

} // namespace

NetworkInfo mobileNetV2Info()
{
    return {.id = "mobilenet_v2",
            .title = "MobileNetV2",
            .help = "Seventeen inverted residuals: 1x1 to six times the channels, 3x3 depthwise, "
                    "1x1 back without activation. Without the original's dropout before the last "
                    "layer.",
            .source = "Sandler et al., arXiv:1801.04381, table 2",
            .params = {ParamSpec::real("width", "Width", 1, 0.1, 4,
                                       "Multiplies the number of channels; the result is rounded "
                                       "to a multiple of 8. The last 1280 channels never shrink."),
                       stemParam("3x3 of stride 2",
                                 "3x3 of stride 1, and the second stage of stride 1, for images of "
                                 "about 32x32")},
            .build = build};
}

} // namespace stair
