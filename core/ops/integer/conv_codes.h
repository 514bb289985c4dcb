#pragma once

#include "core/ops/geometry.h"
#include "core/ops/kept_weights.h"
#include "core/ops/runtime.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <span>

namespace stair {

/// Convolution on codes: acc = f32(sum of src code * weight code), the sum exact in integers, on
/// every CPU. Padding is code 0. acc is allocated with the output's shape. Throws Error when sums
/// could pass 2^31 (NUMERICS 1), naming the layer's size.
/// What is `kept` belongs to these weights.
void convCodes(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
               Tensor& acc, KeptWeights* kept = nullptr);

/// The same followed by the lowered epilogue without a join (NUMERICS 3):
/// dst = clamp(nearest even(acc * m[c] + b[c]), low, high). Returns false, having done nothing,
/// where this CPU has no exact fused kernel; the caller then runs the epilogue itself.
bool convCodesFused(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                    std::span<const float> m, std::span<const float> b, int low, int high,
                    Codes& dst, KeptWeights* kept = nullptr);

} // namespace stair
