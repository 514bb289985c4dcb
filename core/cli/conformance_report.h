#pragma once

#include "core/base/json.h"
#include "core/ops/runtime.h"

namespace stair {

/// Every integer kernel on this CPU against sums taken product by product: {"isa", "wrong" (how many
/// are), "wrong_kernels", "rows": [{"convolution", "codes", "taken", "kernels": [{"kernel",
/// "implementation", "wrong"}]}], "environment"}.
Json checkConformance(Runtime& runtime);

} // namespace stair
