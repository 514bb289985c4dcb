#include "core/zoo/inception_v3.h"

#include "core/zoo/blocks.h"

#include <algorithm>
#include <vector>

namespace stair {

namespace {

constexpr int leastForLargeStem = 75;
constexpr int leastImage = 7; // one pixel is left of it
constexpr double auxiliaryWeight = 0.4; // of its loss

/// A convolution with batch norm and ReLU. Of stride 1 it keeps the size of the map, of stride 2 it
/// has no padding.
struct Step
{
    int channels;
    int kernelH = 1;
    int kernelW = 1;
    int stride = 1;
};

/// The paper's blocks, for a map of any size.
class Builder
{
public:
    Builder(Graph& graph, double width)
        : m_graph(graph)
        , m_width(width)
    {
    }

    int tower(const std::string& part, int input, const std::vector<Step>& steps);
    int averageTower(const std::string& part, int input, int channels);
    int largeStem();

    int blockA(const std::string& part, int input, int poolChannels);
    int reductionB(const std::string& part, int input);
    int blockC(const std::string& part, int input, int inner);
    int reductionD(const std::string& part, int input);
    int blockE(const std::string& part, int input);

    void auxiliaryHead(int input, int classes);

private:
    int convolution(const std::string& part, const std::string& suffix, int input,
                    ConvGeometry geometry);

    Graph& m_graph;
    double m_width;
};

int Builder::convolution(const std::string& part, const std::string& suffix, int input,
                         ConvGeometry geometry)
{
    geometry.inC = m_graph.node(input).shape.c;
    geometry.outC = scaled(geometry.outC, m_width);
    const int x = m_graph.conv(part + ".conv" + suffix, input, geometry);
    return m_graph.activation(part + ".act" + suffix, Op::Relu,
                              m_graph.batchNorm(part + ".bn" + suffix, x));
}

int Builder::tower(const std::string& part, int input, const std::vector<Step>& steps)
{
    int x = input;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step& step = steps[i];
        ConvGeometry g{.outC = step.channels,
                       .kernelH = step.kernelH,
                       .kernelW = step.kernelW,
                       .stride = step.stride};
        if (step.stride == 1) {
            g.padTop = g.padBottom = step.kernelH / 2;
            g.padLeft = g.padRight = step.kernelW / 2;
        }
        x = convolution(part, std::to_string(i + 1), x, g);
    }
    return x;
}

int Builder::averageTower(const std::string& part, int input, int channels)
{
    const int x = m_graph.avgPool(part + ".average", input, {3, 1, 1});
    return tower(part, x, {{channels}});
}

int Builder::largeStem()
{
    int x = convolution("stem", "1", 0, ConvGeometry::square(1, 32, 3, 2));
    x = convolution("stem", "2", x, ConvGeometry::square(1, 32, 3));
    x = convolution("stem", "3", x, ConvGeometry::square(1, 64, 3, 1, 1));
    x = m_graph.maxPool("stem.pool3", x, {3, 2, 0});
    x = convolution("stem", "4", x, ConvGeometry::square(1, 80, 1));
    x = convolution("stem", "5", x, ConvGeometry::square(1, 192, 3));
    return m_graph.maxPool("stem.pool5", x, {3, 2, 0});
}

int Builder::blockA(const std::string& part, int input, int poolChannels)
{
    return m_graph.concatChannels(part + ".concat",
                                  {tower(part + ".point", input, {{64}}),
                                   tower(part + ".wide", input, {{48}, {64, 5, 5}}),
                                   tower(part + ".double", input, {{64}, {96, 3, 3}, {96, 3, 3}}),
                                   averageTower(part + ".pool", input, poolChannels)});
}

int Builder::reductionB(const std::string& part, int input)
{
    return m_graph.concatChannels(
        part + ".concat",
        {tower(part + ".single", input, {{384, 3, 3, 2}}),
         tower(part + ".double", input, {{64}, {96, 3, 3}, {96, 3, 3, 2}}),
         m_graph.maxPool(part + ".pool", input, {3, 2, 0})});
}

int Builder::blockC(const std::string& part, int input, int inner)
{
    return m_graph.concatChannels(
        part + ".concat",
        {tower(part + ".point", input, {{192}}),
         tower(part + ".single", input, {{inner}, {inner, 1, 7}, {192, 7, 1}}),
         tower(part + ".double", input,
               {{inner}, {inner, 7, 1}, {inner, 1, 7}, {inner, 7, 1}, {192, 1, 7}}),
         averageTower(part + ".pool", input, 192)});
}

int Builder::reductionD(const std::string& part, int input)
{
    return m_graph.concatChannels(
        part + ".concat",
        {tower(part + ".single", input, {{192}, {320, 3, 3, 2}}),
         tower(part + ".double", input, {{192}, {192, 1, 7}, {192, 7, 1}, {192, 3, 3, 2}}),
         m_graph.maxPool(part + ".pool", input, {3, 2, 0})});
}

/// Two of the towers end in a pair of convolutions side by side.
int Builder::blockE(const std::string& part, int input)
{
    const int single = tower(part + ".single", input, {{384}});
    const int twice = tower(part + ".double", input, {{448}, {384, 3, 3}});
    return m_graph.concatChannels(part + ".concat",
                                  {tower(part + ".point", input, {{320}}),
                                   tower(part + ".single.row", single, {{384, 1, 3}}),
                                   tower(part + ".single.column", single, {{384, 3, 1}}),
                                   tower(part + ".double.row", twice, {{384, 1, 3}}),
                                   tower(part + ".double.column", twice, {{384, 3, 1}}),
                                   averageTower(part + ".pool", input, 192)});
}

/// On maps smaller than the paper's the last kernel is as small as they are.
void Builder::auxiliaryHead(int input, int classes)
{
    int x = m_graph.avgPool("auxiliary.pool", input, {5, 3, 0});
    x = convolution("auxiliary", "1", x, ConvGeometry::square(1, 128, 1));
    const Shape& map = m_graph.node(x).shape;
    x = convolution("auxiliary", "2", x, ConvGeometry::square(1, 768, std::min({5, map.h, map.w})));
    x = m_graph.linear("auxiliary.linear", m_graph.globalAvgPool("auxiliary.average", x), classes);
    m_graph.setAuxiliary({x, auxiliaryWeight});
}

Graph build(const Shape& image, int classes, const ParamValues& values)
{
    const bool large = takesLargeForm(values, "stem", leastForLargeStem, image);
    requireImage("inception_v3", image, large ? leastForLargeStem : leastImage);
    Graph graph(image);
    Builder builder(graph, values.real("width"));
    int x = large
        ? builder.largeStem()
        : builder.tower("stem", 0, {{32, 3, 3}, {32, 3, 3}, {64, 3, 3}, {80}, {192, 3, 3}});
    x = builder.blockA("mixed1", x, 32);
    x = builder.blockA("mixed2", x, 64);
    x = builder.blockA("mixed3", x, 64);
    x = builder.reductionB("mixed4", x);
    x = builder.blockC("mixed5", x, 128);
    x = builder.blockC("mixed6", x, 160);
    x = builder.blockC("mixed7", x, 160);
    x = builder.blockC("mixed8", x, 192);
    if (values.flag("auxiliary"))
        builder.auxiliaryHead(x, classes);
    x = builder.reductionD("mixed9", x);
    x = builder.blockE("mixed10", x);
    x = builder.blockE("mixed11", x);
    addPooledHead(graph, x, classes);
    return graph;
}

} // namespace

NetworkInfo inceptionV3Info()
{
    return {.id = "inception_v3",
            .title = "InceptionV3",
            .help = "Eleven blocks of towers side by side, with kernels of 1x7 and 7x1, joined by "
                    "their channels; made for images of 299x299. Without the original's dropout.",
            .source = "Szegedy et al., arXiv:1512.00567, table 1",
            .params = {widthParam(),
                       ParamSpec::flag("auxiliary", "Auxiliary head", false,
                                       "A second classifier of the eighth block's map, whose loss "
                                       "is added with weight 0.4 in training and which is not part "
                                       "of the lowered program."),
                       formParam("stem", "Stem", leastForLargeStem,
                                 "five convolutions and two max pools that leave 35x35 pixels of "
                                 "299x299",
                                 "the five convolutions at stride 1 without pools, for images of "
                                 "about 32x32")},
            .build = build};
}

} // namespace stair
