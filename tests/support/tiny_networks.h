#pragma once

#include "core/base/random.h"
#include "core/nn/model.h"
#include "core/quant/methods.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace stair {

/// Threads for a test's Runtime: two, or what STAIR_TEST_THREADS says (the thread sanitizer, which
/// does not see through OpenMP's barriers, needs one).
inline int testThreads()
{
    const char* wish = std::getenv("STAIR_TEST_THREADS");
    return wish ? std::max(1, std::atoi(wish)) : 2;
}

/// Small graphs that between them hold every kind of stage, with the joins that they are to have.
struct TinyNetwork
{
    std::string name;
    std::function<Graph()> build;
    ResidualPolicy residual = ResidualPolicy::Codes8;

    QuantSpec with(QuantSpec quant) const
    {
        quant.residual = residual;
        return quant;
    }
};

inline ConvGeometry conv3(int in, int out, int stride = 1)
{
    return ConvGeometry::square(in, out, 3, stride, 1);
}

/// Keeps the size of the map.
inline ConvGeometry rectangle(int in, int out, int height, int width)
{
    ConvGeometry g = ConvGeometry::square(in, out, 1);
    g.kernelH = height;
    g.kernelW = width;
    g.padTop = g.padBottom = height / 2;
    g.padLeft = g.padRight = width / 2;
    return g;
}

inline std::vector<TinyNetwork> tinyNetworks()
{
    const Shape image{1, 8, 8, 3};
    std::vector<TinyNetwork> networks{
        {"conv, batch norm, relu, global average",
         [image] {
             Graph g(image);
             int x = g.conv("c1", 0, conv3(3, 5));
             x = g.activation("r1", Op::Relu, g.batchNorm("n1", x));
             x = g.conv("c2", x, conv3(5, 7, 2));
             x = g.activation("r2", Op::Relu, g.batchNorm("n2", x));
             g.linear("head", g.globalAvgPool("gap", x), 4);
             return g;
         }},
        {"biases, max pool behind the activation, flatten",
         [image] {
             Graph g(image);
             int x = g.conv("c1", 0, conv3(3, 6), true);
             x = g.maxPool("p1", g.activation("r1", Op::Relu, x), {2, 2, 0});
             x = g.conv("c2", x, conv3(6, 5), true);
             x = g.maxPool("p2", g.activation("r2", Op::Relu6, x), {3, 2, 1});
             x = g.activation("r3", Op::Relu, g.linear("fc", x, 9));
             g.linear("head", x, 4);
             return g;
         }},
        {"max pool before the norm, hardtanh",
         [image] {
             Graph g(image);
             int x = g.conv("c1", 0, conv3(3, 6));
             x = g.activation("t1", Op::HardTanh, g.batchNorm("n1", x));
             x = g.maxPool("p2", g.conv("c2", x, conv3(6, 5)), {2, 2, 0});
             x = g.activation("t2", Op::HardTanh, g.batchNorm("n2", x));
             g.batchNorm("n3", g.linear("head", x, 4, false));
             return g;
         }},
        {"residual joins, projected and plain",
         [image] {
             Graph g(image);
             int x = g.activation("r0", Op::Relu, g.batchNorm("n0", g.conv("c0", 0, conv3(3, 4))));
             int y = g.activation("r1", Op::Relu, g.batchNorm("n1", g.conv("c1", x, conv3(4, 4))));
             y = g.batchNorm("n2", g.conv("c2", y, conv3(4, 4)));
             x = g.activation("r2", Op::Relu, g.add("a2", y, x));
             y = g.activation("r3", Op::Relu, g.batchNorm("n3", g.conv("c3", x, conv3(4, 6, 2))));
             y = g.batchNorm("n4", g.conv("c4", y, conv3(6, 6)));
             const int s = g.batchNorm("ns", g.conv("cs", x, ConvGeometry::square(4, 6, 1, 2)));
             x = g.activation("r4", Op::Relu, g.add("a4", y, s));
             g.linear("head", g.globalAvgPool("gap", x), 4);
             return g;
         }},
        {"biases before the norms",
         [image] {
             Graph g(image);
             int x = g.conv("c1", 0, conv3(3, 5), true);
             x = g.activation("r1", Op::Relu, g.batchNorm("n1", x));
             x = g.batchNorm("n2", g.conv("c2", x, conv3(5, 6, 2), true));
             g.linear("head", g.globalAvgPool("gap", g.activation("r2", Op::Relu, x)), 4);
             return g;
         }},
        {"concats with and without a norm, padded average, rectangular kernels",
         [image] {
             Graph g(image);
             int x = g.activation("r0", Op::Relu, g.batchNorm("n0", g.conv("c0", 0, conv3(3, 4))));
             const int a = g.activation("ra", Op::Relu,
                                        g.batchNorm("na", g.conv("ca", x, rectangle(4, 3, 1, 5))));
             const int b = g.conv("cb", x, rectangle(4, 5, 3, 1));
             const int c = g.activation(
                 "rc", Op::Relu, g.conv("cc", g.avgPool("ap", x, {3, 1, 1}), conv3(4, 2), true));
             x = g.activation("r1", Op::Relu,
                              g.batchNorm("n1", g.concatChannels("cat1", {x, a, b})));
             x = g.activation("r2", Op::Relu, g.batchNorm("n2", g.conv("c2", x, conv3(12, 4))));
             x = g.concatChannels("cat2", {a, c, x});
             const int d = g.maxPool("mp", x, {3, 2, 0});
             const int e = g.conv("ce", x, ConvGeometry::square(9, 6, 3, 2), true);
             x = g.concatChannels("cat3", {d, g.activation("re", Op::Relu6, e)});
             g.linear("head", g.globalAvgPool("gap", x), 4);
             return g;
         }},
        {"channel slices, shuffles and a dense block",
         [image] {
             Graph g(image);
             int x = g.activation("r0", Op::Relu, g.batchNorm("n0", g.conv("c0", 0, conv3(3, 6))));
             for (const char* unit : {"u1", "u2"}) {
                 const std::string name = unit;
                 const int half = g.node(x).shape.c / 2;
                 int y = g.slice(name + ".right", x, {half, half});
                 y = g.batchNorm(name + ".n", g.conv(name + ".c", y, conv3(half, half)));
                 y = g.activation(name + ".r", Op::Relu, y);
                 x = g.concatChannels(name + ".cat", {g.slice(name + ".left", x, {0, half}), y});
                 x = g.shuffle(name + ".shuffle", x, {2});
             }
             std::vector<int> features{g.conv("d0", x, conv3(6, 4, 2))};
             for (const char* layer : {"d1", "d2", "d3"}) {
                 const std::string name = layer;
                 x = g.concatChannels(name + ".cat", features);
                 x = g.activation(name + ".r", Op::Relu, g.batchNorm(name + ".n", x));
                 features.push_back(g.conv(name + ".c", x, conv3(g.node(x).shape.c, 3)));
             }
             x = g.batchNorm("n4", g.concatChannels("cat4", features));
             g.linear("head", g.globalAvgPool("gap", g.activation("r4", Op::Relu, x)), 4);
             return g;
         }},
        {"padded shortcut, depthwise, join without activation",
         [image] {
             Graph g(image);
             int x = g.activation("r0", Op::Relu, g.batchNorm("n0", g.conv("c0", 0, conv3(3, 4))));
             int y = g.activation("r1", Op::Relu6,
                                  g.batchNorm("n1", g.conv("c1", x, conv3(4, 6, 2))));
             y = g.conv("dw", y, ConvGeometry::square(6, 6, 3, 1, 1, 6));
             y = g.batchNorm("n2", y);
             x = g.add("a2", y, g.padShortcut("s2", x, {2, 6}));
             x = g.activation("r3", Op::Relu, g.batchNorm("n3", g.conv("c3", x, conv3(6, 5))));
             g.linear("head", g.avgPool("ap", x, {2, 2, 0}), 4);
             return g;
         }},
        {"auxiliary head",
         [image] {
             Graph g(image);
             int x = g.activation("r0", Op::Relu, g.batchNorm("n0", g.conv("c0", 0, conv3(3, 6))));
             int a = g.batchNorm("na", g.conv("ca", g.avgPool("pa", x, {4, 2, 0}), conv3(6, 5)));
             a = g.activation("ra", Op::Relu, a);
             g.setAuxiliary({g.linear("head.a", g.globalAvgPool("gap.a", a), 4), 0.4});
             x = g.activation("r1", Op::Relu, g.batchNorm("n1", g.conv("c1", x, conv3(6, 5, 2))));
             g.linear("head", g.globalAvgPool("gap", x), 4);
             return g;
         }},
    };
    const TinyNetwork joins = networks[3], moved = networks[7];
    const auto shared = ResidualPolicy::Shared;
    networks.insert(networks.end() - 1,
                    {{"shared " + joins.name, joins.build, shared},
                     {"shared join: " + moved.name, moved.build, shared}});
    return networks;
}

inline QuantSpec quantSpec(const std::string& methodId, int weightBits, int activationBits)
{
    QuantSpec spec;
    spec.method = methodId;
    spec.params = ParamValues(method(methodId).params);
    spec.weightBits = weightBits;
    spec.activationBits = activationBits;
    spec.gradientBits = method(methodId).gradientDefault;
    return spec;
}

inline Normalisation colours()
{
    return {{0.49f, 0.48f, 0.45f}, {0.25f, 0.24f, 0.26f}};
}

/// Random images of a graph's size with labels.
struct TinyBatch
{
    TinyBatch(const Graph& graph, int count, std::uint64_t seed)
        : shape(graph.image().withImages(count))
    {
        Random random(seed, RandomUse::Test);
        for (std::int64_t i = 0; i < shape.size(); ++i)
            pixels.push_back(std::uint8_t(random.bits()));
        for (int i = 0; i < count; ++i)
            labels.push_back(std::uint16_t(random.below(std::uint32_t(graph.classes()))));
    }

    ImageBytes bytes() const { return {pixels.data(), shape}; }

    Shape shape;
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint16_t> labels;
};

} // namespace stair
