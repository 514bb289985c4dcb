#include "core/zoo/mlp.h"

#include "core/zoo/blocks.h"

namespace stair {

namespace {

Graph build(const Shape& image, int classes, const ParamValues& values)
{
    Graph graph(image);
    const LinearUnit hidden{.outputs = values.integer("width"),
                            .batchNorm = values.flag("batch_norm")};
    int x = 0;
    for (int i = 0; i < values.integer("depth"); ++i)
        x = addLinearUnit(graph, concat("hidden", i), x, hidden);
    graph.linear("head.linear", x, classes);
    return graph;
}

} // namespace

NetworkInfo mlpInfo()
{
    return {.id = "mlp",
            .title = "Multilayer perceptron",
            .help = "Linear layers with ReLU on the flattened image. The smallest thing that "
                    "trains; for quick experiments on small grey images.",
            .source = "",
            .params = {ParamSpec::integer("width", "Hidden units", 256, 1, 8192,
                                          "Units of every hidden layer."),
                       ParamSpec::integer("depth", "Hidden layers", 2, 0, 32,
                                          "Hidden layers before the classifier; 0 is a linear "
                                          "classifier."),
                       ParamSpec::flag("batch_norm", "Batch norm", true,
                                       "Batch norm instead of a bias after every hidden layer.")},
            .build = build};
}

} // namespace stair
