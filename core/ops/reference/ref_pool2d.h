#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/tensor.h"

namespace stair {

/// Pooling in plain loops over NHWC tensors; dst is of g.outputShape(src). Results are written
/// whole; wrong shapes are InternalErrors.

/// The greatest pixel under each window. Padding never wins; of equal pixels the first does, row by
/// row.
void refMaxPoolForward(const PoolGeometry& g, const Tensor& src, Tensor& dst);

/// Each gradient goes to the pixel of src that won its window.
void refMaxPoolBackward(const PoolGeometry& g, const Tensor& src, const Tensor& dDst, Tensor& dSrc);

/// The sum under each window divided by its size; padding counts as zeros.
void refAvgPoolForward(const PoolGeometry& g, const Tensor& src, Tensor& dst);
void refAvgPoolBackward(const PoolGeometry& g, const Tensor& dDst, Tensor& dSrc);

/// The mean of each image's pixels; dst is (n, 1, 1, c).
void refGlobalAvgPoolForward(const Tensor& src, Tensor& dst);
void refGlobalAvgPoolBackward(const Tensor& dDst, Tensor& dSrc);

} // namespace stair
