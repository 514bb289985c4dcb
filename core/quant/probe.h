#pragma once

#include "core/quant/quantizer.h"

#include <span>
#include <vector>

namespace stair {

/// What a quantizer does to one value in training.
struct ProbePoint
{
    float x = 0;
    float y = 0; // what the forward pass puts in its place: step * code, or step * soft value
    float dydx = 0; // dL/dx for the incoming gradient g
    float dyds = 0; // dL/dstep for it, before the scale 1 / sqrt(N qp)
};

/// Samples a quantizer through the very functions that training calls. Where a transform looks at
/// the whole tensor, the samples are the tensor.
std::vector<ProbePoint> probe(const Quantizer& quantizer, std::span<const float> x, float g);

/// `points` values evenly from `from` to `to`, both included.
std::vector<float> evenly(double from, double to, int points);

} // namespace stair
