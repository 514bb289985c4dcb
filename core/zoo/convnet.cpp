#include "core/zoo/convnet.h"

#include "core/base/assert.h"
#include "core/zoo/blocks.h"

namespace stair {

namespace {

struct Model
{
    char letter;
    int channels; // of the first stage; each later stage has twice as many
    int hidden; // units of the two linear layers
};

Model modelOf(char letter)
{
    static constexpr Model models[]
        = {{'a', 128, 1024}, {'b', 64, 1024}, {'c', 64, 512}, {'d', 64, 256}};
    for (const Model& model : models) {
        if (model.letter == letter)
            return model;
    }
    throw InternalError("ConvNet models are a, b, c and d");
}

/// Every layer is {layer - (pool) - batch norm - HardTanh}, so none has a bias. The last one keeps
/// its batch norm, as in BNN: sums of binary products are too large for a softmax.
Graph build(const Model& model, const Shape& image, int classes, const ParamValues& values)
{
    requireImage(concat("convnet_", model.letter), image, 8);
    const Op activation = values.text("activation") == "relu" ? Op::Relu : Op::HardTanh;
    const double width = values.real("width");
    Graph graph(image);
    int x = 0;
    for (int stage = 0; stage < 3; ++stage) {
        const std::string part = concat("stage", stage + 1);
        ConvUnit unit{.channels = scaled(model.channels << stage, width), .activation = activation};
        x = addConvUnit(graph, part, "1", x, unit);
        unit.pool = true;
        x = addConvUnit(graph, part, "2", x, unit);
    }
    const int hidden = scaled(model.hidden, width);
    x = addLinearUnit(graph, "hidden0", x, {.outputs = hidden, .activation = activation});
    x = addLinearUnit(graph, "hidden1", x, {.outputs = hidden, .activation = activation});
    addLinearUnit(graph, "head", x, {.outputs = classes, .activation = std::nullopt});
    return graph;
}

} // namespace

NetworkInfo convNetInfo(char letter)
{
    const Model model = modelOf(letter);
    const int c = model.channels;
    return {.id = concat("convnet_", letter),
            .title = concat("ConvNet ", char(letter - 'a' + 'A')),
            .help = concat("Pairs of 3x3 convolutions (", c, ", ", 2 * c, ", ", 4 * c,
                           ") with max pools, two linear layers of ", model.hidden,
                           ". The paper trains it on 28x28 crops."),
            .source = "Chen et al., arXiv:2003.04296, section V; after Hubara et al. 2016 (BNN)",
            .params
            = {ParamSpec::choice("activation", "Activation", "hardtanh", {"hardtanh", "relu"},
                                 "What follows every batch norm; the paper's binary and "
                                 "ternary codes need HardTanh."),
               widthParam()},
            .build = [model](const Shape& image, int classes, const ParamValues& values) {
                return build(model, image, classes, values);
            }};
}

} // namespace stair
