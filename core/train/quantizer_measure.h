#pragma once

#include "core/ops/activation.h"
#include "core/quant/quantizer.h"
#include "core/train/observer.h"

namespace stair {

/// Everything that one quantizer does to a tensor as it stands: levels, saturation, error, slopes.
/// `values`: the weights before their transform, or real values behind `activation`, which lets no
/// gradient pass at its ends either.
QuantizerReport measureQuantizer(const Quantizer& quantizer, const Tensor& values,
                                 const Activation& activation = {});

/// Share of codes that differ.
double shareOfFlips(const Codes& before, const Codes& after);

} // namespace stair
