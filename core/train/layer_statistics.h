#pragma once

#include "core/nn/training_pass.h"
#include "core/train/observer.h"

#include <vector>

namespace stair {

/// The state of every quantizer, after a training forward pass and before its backward pass.
std::vector<QuantizerReport> reportQuantizers(Model& model, TrainingPass& pass);

/// The gradient of every weight, after the backward pass.
std::vector<GradientReport> reportGradients(Model& model);

/// Every quantized layer's weight codes as they stand, in stage order; for counting flips.
std::vector<Codes> weightCodes(Model& model);

/// A hash of each of weightCodes().
std::vector<WeightHash> weightHashes(Model& model, const std::vector<Codes>& codes);

/// Fills `flips` of the weights' reports from the codes before and after the update.
void reportFlips(const std::vector<Codes>& before, const std::vector<Codes>& after,
                 std::vector<QuantizerReport>& reports);

} // namespace stair
