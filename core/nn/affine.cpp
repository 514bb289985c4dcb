#include "core/nn/affine.h"

#include <cmath>

namespace stair {

Affine foldNorm(std::span<const double> accScale, std::span<const float> bias,
                std::span<const float> scale, std::span<const float> shift,
                const NormStatistics& statistics)
{
    Affine affine;
    for (std::size_t c = 0; c < accScale.size(); ++c) {
        const double slope = scale[c] / std::sqrt(statistics.variance[c] + normEpsilon);
        affine.m.push_back(slope * accScale[c]);
        const double mean = statistics.mean[c] - (bias.empty() ? 0.0 : double(bias[c]));
        affine.b.push_back(shift[c] - slope * mean);
    }
    return affine;
}

Affine foldBias(std::span<const double> accScale, std::span<const float> bias)
{
    Affine affine;
    affine.m.assign(accScale.begin(), accScale.end());
    affine.b.assign(accScale.size(), 0);
    for (std::size_t c = 0; c < bias.size(); ++c)
        affine.b[c] = bias[c];
    return affine;
}

} // namespace stair
