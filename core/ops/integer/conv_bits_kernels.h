#pragma once

#include "core/ops/integer/kernels.h"

namespace stair {

/// Convolutions on bit planes as kernels of the table: codes are packed, counted and written as f32
/// sums within the call. Which is which is told by the grids (Zhang et al. 2019, AQE: the operation
/// follows the smaller width): xnor: both sides one bit, ternary: one or both of -1, 0, 1, bit_serial:
/// wider codes plane by plane, shift: power-of-two weights. Each applies only where counting was
/// measured to be faster than int8 on this kind of CPU.
bool convXnorApplies(Runtime& runtime, const IntegerConvKey& key);
bool convTernaryApplies(Runtime& runtime, const IntegerConvKey& key);
bool convBitSerialApplies(Runtime& runtime, const IntegerConvKey& key);
bool convShiftApplies(Runtime& runtime, const IntegerConvKey& key);

/// All four.
void runConvBits(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                 Tensor& acc);

/// "wordsx1", "bytesx2": how bits are counted, and how often.
std::string convBitsName(Runtime& runtime, const IntegerConvKey& key);

} // namespace stair
