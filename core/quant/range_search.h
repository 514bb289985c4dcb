#pragma once

#include "core/quant/value_histogram.h"
#include "core/tensor/grid.h"

#include <cstdint>
#include <span>

namespace stair {

/// How post-training quantization chooses a tensor's range.
enum class RangeCriterion
{
    MinMax, // nothing is clipped
    Percentile, // of the magnitudes
    MeanSquare, // least mean squared error of step * code
    Divergence // least Kullback-Leibler divergence of the clipped, quantized histogram; a tensor (or
    // channel) of fewer values (zeros apart) than it has bins is no distribution: MeanSquare
};

struct RangeOptions
{
    RangeCriterion criterion = RangeCriterion::MeanSquare;
    double percentile = 99.99; // Percentile: in percent
};

// A clip c gives the step of min-max: c / (levels - 1) on grids from 0, 2 c / (levels - 1) on signed
// ones. Grids are uniform. Everything here depends on its arguments alone and may be called from
// any thread; the sums do not depend on the number of threads.
double stepForClip(double clip, const Grid& grid);

/// The step for all of x, exactly; MeanSquare over more than 2^20 values, and Divergence, by a
/// ValueHistogram of x. A tensor of zeros gives a small positive step, one with a value that is not
/// finite gives NaN. Throws nothing.
double searchStep(const RangeOptions& options, std::span<const float> x, const Grid& grid);

/// The same from a histogram, to its resolution; min-max exactly. For MeanSquare the root of the
/// error that is made smallest is known to peak / 32,768.
double searchStep(const RangeOptions& options, const ValueHistogram& x, const Grid& grid);

/// The smallest v of x with |x| <= v for `percent` of the values (see percentileRank).
float percentileMagnitude(std::span<const float> x, double percent);

/// The step of least sum of weight * (x - step * code)^2 (no weights: each 1). Candidates stand
/// 2^(1/32) apart, from a clip at a thousandth of the peak to four times the unclipped step; then,
/// between those within 1.3 of the least error, 16 qp in an octave, or 256. From each of the best 32
/// local minima codes and least-squares step are taken in turn (Lloyd) until the step rests. 0 for
/// zeros alone.
double leastSquaresStep(std::span<const float> x, std::span<const float> weights, const Grid& grid);

/// Migacz, "8-bit inference with TensorRT" (GTC 2017), for any number of levels. `counts` are the
/// magnitudes in equal bins from 0. For every number of kept bins n: P is the first n bins, the rest
/// added to the last of them; Q is the first n bins, the mass of each level (a bin belongs to the
/// code that its centre rounds to at stepForClip(n)) spread evenly over the level's bins that are
/// not empty. Returns the n of least sum P log(P / Q), the greatest of equals. n starts at the number
/// of magnitudes that the grid has (128 for s8, as published); where bin n is empty while something
/// is clipped the divergence is infinite.
int leastDivergenceBins(std::span<const double> counts, const Grid& grid);

/// Bins for Divergence, as published.
inline constexpr int divergenceBins = 2048;

} // namespace stair
