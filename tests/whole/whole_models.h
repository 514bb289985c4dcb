#pragma once

#include "core/base/json.h"

#include <vector>

namespace stair {

/// A network with a method, to be trained briefly and shipped in every form.
struct WholeModel
{
    const char* name;
    const char* network;
    const char* method;
    int weights;
    int activations;
    int steps; // of training with --long, batches of 128
    int careful; // images that the slow ones see with --long: plain kernels, C, other CPUs
    double learningRate = 0.05;
};

inline const WholeModel wholeModels[] = {
    {"ResNet-20 LSQ W8A8", "resnet20", "lsq", 8, 8, 380, 1000},
    {"ResNet-20 LSQ W4A4", "resnet20", "lsq", 4, 4, 380, 1000},
    {"ResNet-20 LSQ W2A2", "resnet20", "lsq", 2, 2, 380, 1000},
    {"VGG-small LSQ W8A8", "vgg_small", "lsq", 8, 8, 100, 200, 0.02},
    {"VGG-small LSQ W4A4", "vgg_small", "lsq", 4, 4, 100, 200, 0.02},
    {"VGG-small LSQ W2A2", "vgg_small", "lsq", 2, 2, 100, 200, 0.02},
    {"ConvNet D BNN 1/1", "convnet_d", "bnn", 1, 1, 200, 1000, 0.02},
    {"ConvNet D AQE 2/2", "convnet_d", "aqe", 2, 2, 200, 1000, 0.02},
    {"ConvNet D AQE 3/3", "convnet_d", "aqe", 3, 3, 200, 1000, 0.02},
    {"ResNet-20 BCGD W1A4", "resnet20", "bcgd", 1, 4, 380, 1000},
    {"MobileNetV2 LSQ W8A8", "mobilenet_v2", "lsq", 8, 8, 100, 200},
};

/// First and last layer at 8 bits, skips as 8-bit codes; `steps` of small batches unless all of them.
inline Json wholeSpec(const WholeModel& model, bool hasCifar, bool isLong)
{
    Json spec = {{"schema", 1},
                 {"name", model.name},
                 {"seed", 1},
                 {"threads", 2},
                 {"network", {{"id", model.network}}},
                 {"quant",
                  {{"method", model.method},
                   {"weights", {{"bits", model.weights}}},
                   {"activations", {{"bits", model.activations}}},
                   {"first", "8bit"},
                   {"last", "8bit"}}},
                 {"training",
                  {{"epochs", 1},
                   {"optimizer", {{"id", "sgd"}, {"learning_rate", model.learningRate}}},
                   {"guards", {{"saturation", 1}, {"dead", false}}}}},
                 {"statistics", {{"every", 0}}}};
    spec["data"] = {{"id", hasCifar ? "cifar10" : "procedural"}, {"batch", isLong ? 128 : 32}};
    if (hasCifar)
        spec["data"]["path"] = "cifar-10-binary.tar.xz";
    return spec;
}

} // namespace stair
