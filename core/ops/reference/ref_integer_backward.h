#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <span>

namespace stair {

/// The definitions of convCodesBackwardWeights and convCodesBackwardData, one product at a time.
void refConvCodesBackwardWeights(const ConvGeometry& g, const Codes& src, const Codes& dDst,
                                 std::span<const float> scales, Tensor& dWeight);
void refConvCodesBackwardData(const ConvGeometry& g, const Codes& dDst, const Codes& weight,
                              float scale, Tensor& dSrc);

} // namespace stair
