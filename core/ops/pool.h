#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <vector>

namespace stair {

/// Which pixel of its window won each maximum, counted row by row within the window: one byte per
/// output. Windows of up to 15 x 15.
using Winners = std::vector<std::uint8_t>;

/// Maximum over each window; the first of equal values wins. `winners` may be null.
void maxPool(const PoolGeometry& g, const Tensor& src, Tensor& dst, Winners* winners);
void maxPool(const PoolGeometry& g, const Codes& src, Codes& dst, Winners* winners);

/// Sends each gradient to the pixel that won. dSrc is written whole.
void maxPoolBackward(const PoolGeometry& g, const Tensor& dDst, const Winners& winners,
                     Tensor& dSrc);

/// Windows of an average; padding counts as zeros. The division is the following multiplier's
/// affair.
struct SumWindow
{
    int kernelH = 1;
    int kernelW = 1;
    int stride = 1;
    int pad = 0;

    int pixels() const { return kernelH * kernelW; }
    bool operator==(const SumWindow&) const = default;
};

/// Sum over each window: of floats in order, of codes exactly in int32.
void sumPool(const SumWindow& w, const Tensor& src, Tensor& dst);
void sumPool(const SumWindow& w, const Codes& src, Tensor& dst);

/// dSrc = sum of the gradients of the windows over each pixel, times `factor`.
void sumPoolBackward(const SumWindow& w, const Tensor& dDst, float factor, Tensor& dSrc);

} // namespace stair
