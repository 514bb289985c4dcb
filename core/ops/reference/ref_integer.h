#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/codes.h"

#include <cstdint>
#include <vector>

namespace stair {

/// Convolution of codes (u8 or s8, NHWC) with codes of weights (s8, g.weightShape()): the exact
/// accumulators, laid out as g.outputShape(src). Padding is code 0. Throws Error when a sum does
/// not fit into 32 bits.
std::vector<std::int32_t> refConvInt(const ConvGeometry& g, const Codes& src, const Codes& weight);

} // namespace stair
