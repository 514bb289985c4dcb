#include "core/zoo/shufflenet_v2.h"

#include "core/base/assert.h"
#include "core/zoo/blocks.h"

#include <array>

namespace stair {

namespace {

constexpr int stemChannels = 24;
constexpr int lastChannels = 1024;
constexpr std::array<int, 3> units = {4, 8, 4}; // of each stage

struct Width
{
    const char* name;
    std::array<int, 3> channels; // of each stage
};

const Width& widthNamed(const std::string& name)
{
    static constexpr Width widths[] = {{"x0.5", {48, 96, 192}}, {"x1.0", {116, 232, 464}}};
    for (const Width& width : widths) {
        if (width.name == name)
            return width;
    }
    throw InternalError("ShuffleNetV2 is x0.5 or x1.0 wide");
}

int addDepthwise(Graph& graph, const std::string& part, const std::string& suffix, int input,
                 int stride)
{
    const int channels = graph.node(input).shape.c;
    return addConvUnit(
        graph, part, suffix, input,
        {.channels = channels, .stride = stride, .groups = channels, .activation = std::nullopt});
}

int addPointwise(Graph& graph, const std::string& part, const std::string& suffix, int input,
                 int channels)
{
    return addConvUnit(graph, part, suffix, input, {.channels = channels, .kernel = 1, .pad = 0});
}

/// 1x1, 3x3 depthwise, 1x1.
int addBranch(Graph& graph, const std::string& part, int input, int channels, int stride)
{
    int x = addPointwise(graph, part, "1", input, channels);
    x = addDepthwise(graph, part, "2", x, stride);
    return addPointwise(graph, part, "3", x, channels);
}

/// The first unit of a stage halves the map: both branches see all channels.
int addFirstUnit(Graph& graph, const std::string& part, int input, int channels)
{
    int skip = addDepthwise(graph, part + ".shortcut", "1", input, 2);
    skip = addPointwise(graph, part + ".shortcut", "2", skip, channels / 2);
    const int x = addBranch(graph, part, input, channels / 2, 2);
    return graph.shuffle(part + ".shuffle", graph.concatChannels(part + ".concat", {skip, x}), {2});
}

int addUnit(Graph& graph, const std::string& part, int input)
{
    const int half = graph.node(input).shape.c / 2;
    const int left = graph.slice(part + ".left", input, {0, half});
    const int right = graph.slice(part + ".right", input, {half, half});
    const int x = addBranch(graph, part, right, half, 1);
    return graph.shuffle(part + ".shuffle", graph.concatChannels(part + ".concat", {left, x}), {2});
}

Graph build(const Shape& image, int classes, const ParamValues& values)
{
    requireImage("shufflenet_v2", image, 4);
    const Width& width = widthNamed(values.text("width"));
    const bool large = hasLargeStem(values, image);
    Graph graph(image);
    int x = addConvUnit(graph, "stem", "", 0, {.channels = stemChannels, .stride = large ? 2 : 1});
    if (large)
        x = graph.maxPool("stem.pool", x, {3, 2, 1});
    for (std::size_t stage = 0; stage < units.size(); ++stage) {
        for (int unit = 0; unit < units[stage]; ++unit) {
            const std::string part = concat("stage", stage + 1, ".unit", unit);
            x = unit == 0 ? addFirstUnit(graph, part, x, width.channels[stage])
                          : addUnit(graph, part, x);
        }
    }
    addPooledHead(graph, addPointwise(graph, "last", "", x, lastChannels), classes);
    return graph;
}

} // namespace

NetworkInfo shuffleNetV2Info()
{
    return {.id = "shufflenet_v2",
            .title = "ShuffleNetV2",
            .help = "Three stages of 4, 8 and 4 units: half the channels go through 1x1, 3x3 "
                    "depthwise and 1x1 convolutions, are joined to the other half and shuffled.",
            .source = "Ma, Zhang, Zheng and Sun, arXiv:1807.11164, table 5",
            .params = {ParamSpec::choice("width", "Width", "x1.0", {"x0.5", "x1.0"},
                                         "x0.5: stages of 48, 96 and 192 channels. x1.0: 116, 232 "
                                         "and 464."),
                       stemParam("3x3 of stride 2 and a 3x3 max pool of stride 2",
                                 "3x3 of stride 1, no pool, for images of about 32x32")},
            .build = build};
}

} // namespace stair
