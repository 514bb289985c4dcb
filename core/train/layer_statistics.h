#pragma once

#include "core/nn/training_pass.h"
#include "core/train/observer.h"

#include <vector>

namespace stair {

/// The state of every quantizer, after a training forward pass and before its backward pass.
std::vector<QuantizerReport> reportQuantizers(Model& model, TrainingPass& pass);

/// The gradient of every weight, after the backward pass.
std::vector<GradientReport> reportGradients(Model& model);

} // namespace stair
