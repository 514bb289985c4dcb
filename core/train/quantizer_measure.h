#pragma once

#include "core/quant/quantizer.h"
#include "core/train/observer.h"

namespace stair {

/// Everything that one quantizer does to a tensor as it stands: levels, saturation, error, slopes.
/// `values`: the weights before their transform, or an activation's real values.
QuantizerReport measureQuantizer(const Quantizer& quantizer, const Tensor& values);

/// Share of codes that differ.
double shareOfFlips(const Codes& before, const Codes& after);

} // namespace stair
