#pragma once

#include "core/ops/integer/kernels.h"

namespace stair {

/// The largest whole number up to which every whole number is an f32.
inline constexpr std::int64_t exactFloat = std::int64_t(1) << 24;

/// oneDNN's name for its int8 convolution of the key, if that is fast and its sums are exact on this
/// CPU: with VNNI always, without it while pairs of u8 * s8 products fit 16 bits (NUMERICS 1). Else
/// empty.
std::string exactInt8(Runtime& runtime, const IntegerConvKey& key, bool addsOffset);

} // namespace stair
