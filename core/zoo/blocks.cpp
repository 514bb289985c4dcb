#include "core/zoo/blocks.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int leastLargeImage = 64; // from here on "auto" takes the large stem

} // namespace

int addConvUnit(Graph& graph, const std::string& part, const std::string& suffix, int input,
                const ConvUnit& unit)
{
    const int inC = graph.node(input).shape.c;
    const auto geometry
        = ConvGeometry::square(inC, unit.channels, unit.kernel, unit.stride, unit.pad, unit.groups);
    int x = graph.conv(part + ".conv" + suffix, input, geometry, !unit.batchNorm);
    if (unit.pool)
        x = graph.maxPool(part + ".pool" + suffix, x, PoolGeometry{});
    if (unit.batchNorm)
        x = graph.batchNorm(part + ".bn" + suffix, x);
    if (unit.activation)
        x = graph.activation(part + ".act" + suffix, *unit.activation, x);
    return x;
}

int addLinearUnit(Graph& graph, const std::string& part, int input, const LinearUnit& unit)
{
    int x = graph.linear(part + ".linear", input, unit.outputs, !unit.batchNorm);
    if (unit.batchNorm)
        x = graph.batchNorm(part + ".bn", x);
    if (unit.activation)
        x = graph.activation(part + ".act", *unit.activation, x);
    return x;
}

int addPooledHead(Graph& graph, int input, int classes)
{
    return graph.linear("head.linear", graph.globalAvgPool("head.pool", input), classes);
}

int addProjection(Graph& graph, const std::string& part, int input, int channels, int stride)
{
    if (stride == 1 && channels == graph.node(input).shape.c)
        return input;
    return addConvUnit(graph, part + ".shortcut", "", input,
                       {.channels = channels,
                        .kernel = 1,
                        .stride = stride,
                        .pad = 0,
                        .activation = std::nullopt});
}

int scaled(int channels, double width)
{
    return std::max(1, int(std::lround(channels * width)));
}

ParamSpec widthParam()
{
    return ParamSpec::real("width", "Width", 1, 0.125, 4,
                           "Multiplies the number of channels of every layer; the result is "
                           "rounded to a whole number.");
}

ParamSpec stemParam(const std::string& large, const std::string& small)
{
    return ParamSpec::choice("stem", "Stem", "auto", {"auto", "large", "small"},
                             concat("large: ", large, ". small: ", small,
                                    ". auto: small for images "
                                    "of fewer than ",
                                    leastLargeImage, "x", leastLargeImage, " pixels."));
}

bool hasLargeStem(const ParamValues& values, const Shape& image)
{
    const std::string& stem = values.text("stem");
    return stem == "large" || (stem == "auto" && std::min(image.h, image.w) >= leastLargeImage);
}

void requireImage(const std::string& network, const Shape& image, int least)
{
    if (image.h < least || image.w < least)
        throw Error(concat("[", network, "] needs images of at least ", least, "x", least,
                           " pixels, got ", image.h, "x", image.w,
                           "; use larger images or another network"));
}

} // namespace stair
