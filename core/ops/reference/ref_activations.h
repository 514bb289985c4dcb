#pragma once

#include "core/ops/activation.h"
#include "core/tensor/tensor.h"

namespace stair {

/// dst = max(low, min(high, src)): ReLU, ReLU6 and HardTanh. Tensors of one shape; results are
/// written whole.
void refActivationForward(const Activation& activation, const Tensor& src, Tensor& dst);

/// dSrc = dDst where low < src < high, else 0.
void refActivationBackward(const Activation& activation, const Tensor& src, const Tensor& dDst,
                           Tensor& dSrc);

} // namespace stair
