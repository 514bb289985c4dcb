#pragma once

#include "core/ops/integer/kernels.h"

namespace stair {

/// Signed sources on CPUs without VNNI, where s8 * s8 is not exact: the codes are moved up by their
/// largest magnitude a, padded with a themselves, multiplied as u8 * s8, and a * sum(weights of the
/// channel) is taken off. Applies where 2 a fits a byte, pairs of products fit 16 bits and all sums
/// stay within 2^24, so that every f32 in it is a whole number.
bool convShiftedApplies(Runtime& runtime, const IntegerConvKey& key);
std::string convShiftedName(Runtime& runtime, const IntegerConvKey& key);
void convShifted(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                 KeptWeights& kept, Tensor& acc);

} // namespace stair
