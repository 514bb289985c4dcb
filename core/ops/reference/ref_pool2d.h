#pragma once

#include "core/ops/pool.h"

namespace stair {

/// Pooling in plain loops over NHWC tensors; dst is of g.outputShape(src). Results are written
/// whole; wrong shapes are InternalErrors.

/// The greatest pixel under each window. Padding never wins; of equal pixels the first does, row by
/// row. A window of padding alone gives the least number of the type.
void refMaxPoolForward(const PoolGeometry& g, const Tensor& src, Tensor& dst);
void refMaxPoolForward(const PoolGeometry& g, const Codes& src, Codes& dst);

/// The sum under each window, row by row: of floats in f32, of codes exactly.
void refSumPoolForward(const SumWindow& w, const Tensor& src, Tensor& dst);
void refSumPoolForward(const SumWindow& w, const Codes& src, Tensor& dst);

/// Each gradient goes to the pixel of src that won its window.
void refMaxPoolBackward(const PoolGeometry& g, const Tensor& src, const Tensor& dDst, Tensor& dSrc);

/// The sum under each window divided by its size; padding counts as zeros.
void refAvgPoolForward(const PoolGeometry& g, const Tensor& src, Tensor& dst);
void refAvgPoolBackward(const PoolGeometry& g, const Tensor& dDst, Tensor& dSrc);

/// The mean of each image's pixels; dst is (n, 1, 1, c).
void refGlobalAvgPoolForward(const Tensor& src, Tensor& dst);
void refGlobalAvgPoolBackward(const Tensor& dDst, Tensor& dSrc);

} // namespace stair
