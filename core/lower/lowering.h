#pragma once

#include "core/lower/program.h"
#include "core/nn/model.h"

#include <vector>

namespace stair {

/// The integer program of a trained model: hard codes of the weights, batch norm folded into the
/// multipliers. `statistics` (one a stage, empty without batch norm) replaces the running ones.
Program lower(const Model& model, const std::vector<NormStatistics>* statistics = nullptr);

} // namespace stair
