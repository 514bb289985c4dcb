#pragma once

#include "core/ops/integer/kernels.h"

namespace stair {

/// Runs `kernel` on codes of the key's full shape, extreme values among them, and compares sampled
/// outputs (corners, borders, first and last image, last channels, random places) with sums taken
/// one product at a time. Returns the number of wrong outputs.
int countWrongSums(Runtime& runtime, const IntegerConvKey& key, const IntegerConvKernel& kernel);

/// The same for the fused epilogue, at the multipliers and offsets where it is hardest: ties,
/// saturation on both sides, m of either sign and 0.
int countWrongFused(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid);

/// One output's sum, product by product. The definition that every kernel must meet.
std::int64_t sumOfProducts(const ConvGeometry& g, const Codes& src, const Codes& weight, int image,
                           int y, int x, int channel);

} // namespace stair
