#pragma once

#include "core/train/experiment_spec.h"

namespace stair {

/// What the real worker trains in no time: a small perceptron on few images, with one thread.
inline ExperimentSpec smallTraining(const std::string& name, int epochs)
{
    const Json json
        = {{"schema", 1},
           {"name", name},
           {"threads", 1},
           {"data",
            {{"id", "procedural"},
             {"params", {{"train", 320}, {"test", 100}, {"size", 16}, {"difficulty", 0}}},
             {"batch", 32}}},
           {"network", {{"id", "mlp"}, {"params", {{"width", 32}}}}},
           {"training", {{"epochs", epochs}, {"guards", {{"saturation", 1}, {"dead", false}}}}},
           {"statistics", {{"every", 0}}}};
    return ExperimentSpec::read(json, name);
}

} // namespace stair
