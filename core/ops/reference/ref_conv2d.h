#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/tensor.h"

namespace stair {

/// Convolution in plain loops: any stride, dilation, padding on each side, groups, depthwise. src
/// and dst are NHWC, dst of g.outputShape(src); weight is g.weightShape(). Sums are taken in double
/// and rounded once. Results are written whole; wrong shapes are InternalErrors.
void refConv2dForward(const ConvGeometry& g, const Tensor& src, const Tensor& weight, Tensor& dst);

/// dSrc[i] = sum of dDst * weight over the outputs that read src[i].
void refConv2dBackwardData(const ConvGeometry& g, const Tensor& dDst, const Tensor& weight,
                           Tensor& dSrc);

/// dWeight[k] = sum of dDst * src over all uses of weight[k], in every image.
void refConv2dBackwardWeights(const ConvGeometry& g, const Tensor& src, const Tensor& dDst,
                              Tensor& dWeight);

} // namespace stair
