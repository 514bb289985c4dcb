#pragma once

#include "core/ops/integer/kernels.h"

namespace stair {

// Convolutions of codes as 16-bit integers, for CPUs whose int8 products are not exact: pairs are
// multiplied and added in 32 bits by one instruction. Measured on AVX2 without VNNI.

/// Any dense convolution without dilation: a kernel's row is one run of numbers in a source with its
/// zero border.
bool convShortApplies(Runtime& runtime, const IntegerConvKey& key);
void convShort(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
               KeptWeights& kept, Tensor& acc);

/// 3x3 of stride 1: Winograd's F(2x2, 3x3) (Lavin and Gray 2015) in whole numbers, 16 products for
/// 36. Weights count four times, so sums are exact while four times the bound fits 31 bits.
bool convWinogradApplies(Runtime& runtime, const IntegerConvKey& key);
void convWinograd(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                  KeptWeights& kept, Tensor& acc);

} // namespace stair
