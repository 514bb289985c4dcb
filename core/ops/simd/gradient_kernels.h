#pragma once

#include <cstddef>

/// Elementwise loops over tiles that measure a gradient's distribution; see tile_kernels.h.
namespace stair::tile {

/// peaks[i] = max(peaks[i], |x[i]|)
void raisePeaks(const float* x, float* peaks, std::size_t n);

/// counts[i] += 1 where |x[i]| > limits[i]
void countBeyond(const float* x, const float* limits, float* counts, std::size_t n);

} // namespace stair::tile
