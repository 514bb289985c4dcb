#pragma once

#include "core/ops/geometry.h"
#include "core/ops/runtime.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <algorithm>
#include <span>

namespace stair {

// The gradients of a convolution on codes (NUMERICS 7). The output's gradient comes as s8 codes;
// products are summed exactly in 32-bit integers over fixed chunks of at most chunkTerms terms, and
// the chunks, each rounded to f32, are added in f32 in ascending order: the same bits for any number
// of threads and any kernel. Padding is code 0. Results are allocated with their shapes and written
// whole.

/// |255 * -128| * chunkTerms fits into 31 bits.
inline constexpr std::int64_t chunkTerms = 32'768;

/// Output channels of a group that a chunk of the data gradient takes, with all their taps. Even.
inline int chunkChannels(const ConvGeometry& g)
{
    const std::int64_t taps = std::int64_t(g.kernelH) * g.kernelW;
    return int(std::max<std::int64_t>(chunkTerms / taps / 2, 1)) * 2;
}

/// dWeight[o][k] = scales[o] * sum of dDst code * src code over all uses of weight [o][k]. A chunk is
/// a run of output pixels, counted over all images. src: u8 or s8.
void convCodesBackwardWeights(Runtime& runtime, const ConvGeometry& g, const Codes& src,
                              const Codes& dDst, std::span<const float> scales, Tensor& dWeight);

/// dSrc[i] = scale * sum of dDst code * weight code over the outputs that read src[i]. A chunk is
/// chunkChannels() output channels.
void convCodesBackwardData(Runtime& runtime, const ConvGeometry& g, const Codes& dDst,
                           const Codes& weight, float scale, Tensor& dSrc);

} // namespace stair
