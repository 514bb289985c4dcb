#pragma once

#include "core/base/params.h"

#include <cstdint>

namespace stair {

/// The parameter that every schedule has: steps of linear rise at the start of a run.
ParamSpec warmupParam();

/// (step + 1) / warmup while that is below 1, then 1. A schedule multiplies by it.
double warmupFactor(const ParamValues& values, std::int64_t step);

} // namespace stair
