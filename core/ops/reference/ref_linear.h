#pragma once

#include "core/tensor/tensor.h"

namespace stair {

/// A linear layer as Eigen computes it. src: one image per row, flattened in NHWC order (n, h, w,
/// c); weight (outputs, 1, 1, inputs); dst (n, 1, 1, outputs). Results are written whole; wrong
/// shapes are InternalErrors.
void refLinearForward(const Tensor& src, const Tensor& weight, Tensor& dst);
void refLinearBackwardData(const Tensor& dDst, const Tensor& weight, Tensor& dSrc);
void refLinearBackwardWeights(const Tensor& src, const Tensor& dDst, Tensor& dWeight);

} // namespace stair
