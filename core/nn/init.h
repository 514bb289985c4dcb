#pragma once

#include "core/base/random.h"
#include "core/tensor/tensor.h"

namespace stair {

/// Fills a weight (out, kh, kw, in / groups) with normal numbers of mean 0 and variance 2 / fan-in,
/// fan-in = kh * kw * in / groups (He et al. 2015, arXiv:1502.01852, equation 10). The values
/// depend on the shape and the generator's position alone.
void heInitialise(Tensor& weight, Random& random);

} // namespace stair
