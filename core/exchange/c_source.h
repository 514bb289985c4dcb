#pragma once

#include "core/exchange/shipped_model.h"

#include <string>

namespace stair {

enum class CEpilogue
{
    FixedPoint, // multiply, add, shift; as EngineEpilogue::FixedPoint
    Thresholds, // comparisons that reproduce the float epilogue exactly; no joins
};

/// Why the program cannot become C with that epilogue, naming the layer; empty when it can.
std::string cRefusal(const Program& program, CEpilogue epilogue);

/// One self-contained C99 file in integers alone: weights, inference, and a main that classifies a
/// file of raw images (height x width x channels bytes each). No allocation, no libraries. Compiled
/// with ST_TRACE it writes every value to stdout instead, in the program's order: codes as int16_t,
/// logits as int64_t; with ST_NO_MAIN it is a library of st_classify() and st_run().
std::string encodeC(const ShippedModel& model, CEpilogue epilogue);

} // namespace stair
