#pragma once

#include "core/ops/integer/kernels.h"

namespace stair {

/// What a kernel is tried with.
enum class TrialCodes
{
    Mixed, // any level, both ends often
    Longest, // the largest magnitudes alone, all products of a channel of one sign
};

/// Runs `kernel` on codes of the key's full shape and compares sampled outputs (corners, borders,
/// first and last image, last channels, random places) with sums taken one product at a time.
/// Returns the number of wrong outputs.
int countWrongSums(Runtime& runtime, const IntegerConvKey& key, const IntegerConvKernel& kernel,
                   TrialCodes codes = TrialCodes::Mixed);

/// The same for the fused epilogue, at the multipliers and offsets where it is hardest: ties,
/// saturation on both sides, m of either sign and 0.
int countWrongFused(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid);

/// The same for a convolution by counting whose thresholds write planes of `dst`, a grid of at most 4
/// bits.
int countWrongPacked(Runtime& runtime, const IntegerConvKey& key, const Grid& dst);

/// One output's sum, product by product. The definition that every kernel must meet.
std::int64_t sumOfProducts(const ConvGeometry& g, const Codes& src, const Codes& weight, int image,
                           int y, int x, int channel);

} // namespace stair
