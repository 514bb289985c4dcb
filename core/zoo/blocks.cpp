#include "core/zoo/blocks.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int leastForLargeStem = 64;

} // namespace

int addConvUnit(Graph& graph, const std::string& part, const std::string& suffix, int input,
                const ConvUnit& unit)
{
    const int inC = graph.node(input).shape.c;
    const auto geometry
        = ConvGeometry::square(inC, unit.channels, unit.kernel, unit.stride, unit.pad, unit.groups);
    int x = graph.conv(part + ".conv" + suffix, input, geometry, unit.bias || !unit.batchNorm);
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

ParamSpec formParam(const std::string& name, const std::string& title, int least,
                    const std::string& large, const std::string& small)
{
    return ParamSpec::choice(name, title, "auto", {"auto", "large", "small"},
                             concat("large: ", large, ". small: ", small,
                                    ". auto: small for images of fewer than ", least, "x", least,
                                    " pixels."));
}

bool takesLargeForm(const ParamValues& values, const std::string& name, int least,
                    const Shape& image)
{
    const std::string& form = values.text(name);
    return form == "large" || (form == "auto" && std::min(image.h, image.w) >= least);
}

ParamSpec stemParam(const std::string& large, const std::string& small)
{
    return formParam("stem", "Stem", leastForLargeStem, large, small);
}

bool hasLargeStem(const ParamValues& values, const Shape& image)
{
    return takesLargeForm(values, "stem", leastForLargeStem, image);
}

int addAverageTo(Graph& graph, const std::string& name, int input, int side)
{
    const Shape& map = graph.node(input).shape;
    const int kernel = map.h / side;
    if (kernel < 1 || map.h != kernel * side || map.w != kernel * side)
        throw Error(concat("layer '", name, "': cannot average ", map.h, "x", map.w,
                           " pixels down to ", side, "x", side,
                           "; use images of 224x224 or the form for small images"));
    return kernel == 1 ? input : graph.avgPool(name, input, {kernel, kernel, 0});
}

void requireImage(const std::string& network, const Shape& image, int least)
{
    if (image.h < least || image.w < least)
        throw Error(concat("[", network, "] needs images of at least ", least, "x", least,
                           " pixels, got ", image.h, "x", image.w,
                           "; use larger images or another network"));
}

} // namespace stair
