#include "core/zoo/blocks.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>

namespace stair {

int addConvUnit(Graph& graph, const std::string& part, const std::string& suffix, int input,
                const ConvUnit& unit)
{
    const int inC = graph.node(input).shape.c;
    const auto geometry
        = ConvGeometry::square(inC, unit.channels, unit.kernel, unit.stride, unit.pad);
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

void requireImage(const std::string& network, const Shape& image, int least)
{
    if (image.h < least || image.w < least)
        throw Error(concat("[", network, "] needs images of at least ", least, "x", least,
                           " pixels, got ", image.h, "x", image.w,
                           "; use larger images or another network"));
}

} // namespace stair
