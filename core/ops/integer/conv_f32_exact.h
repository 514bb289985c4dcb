#pragma once

#include "core/ops/integer/kernels.h"

namespace stair {

/// Where int8 is not exact: f32 convolution of whole numbers, whose every partial sum stays below
/// 2^24 and so is exact in any order (NUMERICS 1). Longer sums are cut into runs of input channels
/// and added in int32. Does not apply to groups whose sums pass 2^24.
bool convF32ExactApplies(Runtime& runtime, const IntegerConvKey& key);
void convF32Exact(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                  KeptWeights& kept, Tensor& acc);

} // namespace stair
