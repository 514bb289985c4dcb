#pragma once

#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

namespace stair {

/// dst = code * step. Same shape.
void codesToFloats(const Codes& codes, float step, Tensor& dst);

/// dst = src rounded to IEEE halves, +-65504 at most. Same size.
void roundToHalf(const Tensor& src, Tensor& dst);

/// dst += code. Same size; exact while the sums are below 2^24.
void addCodesInto(const Codes& codes, Tensor& dst);

/// dst += src. Same size.
void addInto(const Tensor& src, Tensor& dst);

/// Square root of the sum of squares, summed in double in fixed runs.
double norm(const Tensor& x);

} // namespace stair
