#pragma once

#include "core/data/batch_loader.h"
#include "core/lower/program.h"
#include "core/nn/model.h"
#include "core/ops/runtime.h"

#include <span>
#include <string>

namespace stair {

/// Sets a model up as a shipped program of its network: weights are step * code, steps those of the
/// grids where the widths are the same, and each batch norm maps its statistics over `batches` to the
/// program's m and b, so that re-estimated on these it gives them back. Throws Error where layers
/// differ (`network` names the spec's), or a method would give the weights other codes.
void startFromProgram(Model& model, Runtime& runtime, const Program& program,
                      std::span<const Batch> batches, const std::string& network);

} // namespace stair
