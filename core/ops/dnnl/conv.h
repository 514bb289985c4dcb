#pragma once

#include "core/ops/geometry.h"
#include "core/ops/kept_weights.h"
#include "core/ops/runtime.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <span>
#include <string>

/// Convolutions as oneDNN computes them. Callers have checked shapes; dst is allocated. Weights that
/// do not change from call to call may be kept in the primitive's own layout; null: not kept.
namespace stair::dnnlops {

void convForward(Runtime& runtime, const ConvGeometry& g, const Tensor& src, const Tensor& weight,
                 Tensor& dst, KeptWeights* kept = nullptr);
void convBackwardData(Runtime& runtime, const ConvGeometry& g, const Tensor& dDst,
                      const Tensor& weight, Tensor& dSrc);
void convBackwardWeights(Runtime& runtime, const ConvGeometry& g, const Tensor& src,
                         const Tensor& dDst, Tensor& dWeight);

/// int8 products summed in int32, stored as f32 with scale 1: f32(acc) where the CPU is exact.
/// `offset`, one a channel or empty, is added to the result.
void convInt8(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
              Tensor& acc, std::span<const float> offset = {}, KeptWeights* kept = nullptr);

/// The same with the lowered epilogue as post-ops: codes of `dst`'s grid, nearest even.
void convInt8Fused(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                   std::span<const float> m, std::span<const float> b, int low, int high,
                   Codes& dst, KeptWeights* kept = nullptr);

/// Whether there is a primitive for that.
bool hasConvInt8Fused(Runtime& runtime, const ConvGeometry& g, const Shape& src, bool srcSigned,
                      bool dstSigned, int low, int high);

/// Name of the implementation that convInt8 uses for this shape, with or without an offset; empty
/// when there is none.
std::string convInt8Implementation(Runtime& runtime, const ConvGeometry& g, const Shape& src,
                                   bool srcSigned, bool addsOffset);

} // namespace stair::dnnlops
