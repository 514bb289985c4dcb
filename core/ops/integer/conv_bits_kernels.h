#pragma once

#include "core/ops/integer/kernels.h"

namespace stair {

// Convolutions on bit planes as kernels of the table: codes are packed, counted and written as f32
// sums within the call. Zhang et al. 2019 (AQE) name them by the smaller width.

/// One of these at most: xnor, both sides of one bit; ternary, one or both of -1, 0, 1; bit_serial,
/// all other codes of few bits. Each only where counting was measured to be faster than int8 on this
/// kind of CPU.
bool convXnorApplies(Runtime& runtime, const IntegerConvKey& key);
bool convTernaryApplies(Runtime& runtime, const IntegerConvKey& key);
bool convBitSerialApplies(Runtime& runtime, const IntegerConvKey& key);

/// All three.
void runConvBits(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                 KeptWeights& kept, Tensor& acc);

/// Whether one of them would be taken for the key, whatever its number of images.
bool bitKernelApplies(Runtime& runtime, const IntegerConvKey& key);
bool isBitKernel(const IntegerConvKernel& kernel);

/// "wordsx1", "bytesx2": how bits are counted, and how often.
std::string convBitsName(Runtime& runtime, const IntegerConvKey& key);

} // namespace stair
