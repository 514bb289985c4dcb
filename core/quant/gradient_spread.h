#pragma once

#include "core/tensor/tensor.h"

#include <vector>

namespace stair {

/// The distribution of one channel's gradient, or of the whole tensor's.
struct GradientSpread
{
    float peak = 0; // largest magnitude
    double deviation = 0; // standard deviation; not finite when an element is not
    double beyond = 0; // share of elements whose magnitude is greater than the deviation
};

/// Peaks and deviations of each channel; the last entry is the whole tensor's.
std::vector<GradientSpread> measurePeaks(const Tensor& gradient);

/// Fills in the shares, in a second pass.
void measureShares(const Tensor& gradient, std::vector<GradientSpread>& spreads);

} // namespace stair
