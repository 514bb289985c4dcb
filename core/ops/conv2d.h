#pragma once

#include "core/ops/geometry.h"
#include "core/ops/kept_weights.h"
#include "core/ops/runtime.h"
#include "core/tensor/tensor.h"

namespace stair {

/// Convolution in f32: by oneDNN, or by the reference where the runtime was made for it. Results
/// are allocated with their shapes and written whole; wrong shapes are InternalErrors. What is `kept`
/// belongs to these weights.
void conv2dForward(Runtime& runtime, const ConvGeometry& g, const Tensor& src, const Tensor& weight,
                   Tensor& dst, KeptWeights* kept = nullptr);
void conv2dBackwardData(Runtime& runtime, const ConvGeometry& g, const Tensor& dDst,
                        const Tensor& weight, Tensor& dSrc);
void conv2dBackwardWeights(Runtime& runtime, const ConvGeometry& g, const Tensor& src,
                           const Tensor& dDst, Tensor& dWeight);

} // namespace stair
