#pragma once

#include "core/base/json.h"
#include "core/ops/runtime.h"

namespace stair {

/// Every integer kernel on this CPU against sums taken product by product, and the codes that it can
/// write at once against the epilogue's definition: {"isa", "wrong" (how many kernels are),
/// "wrong_kernels", "absent_kernels": [{"kernel", "why"}] (never taken on this CPU), "rows":
/// [{"convolution", "codes", "taken", "kernels": [{"kernel", "implementation", "wrong" (sums),
/// "epilogues": [{"codes", "wrong", "missing"}]}]}], "environment"}.
Json checkConformance(Runtime& runtime);

} // namespace stair
