#pragma once

#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

namespace stair {

/// One value at a time; both sides have the same size.

/// dst = code * step
void refCodesToFloats(const Codes& codes, float step, Tensor& dst);

/// dst += src, of codes as whole numbers
void refAddInto(const Codes& codes, Tensor& dst);
void refAddInto(const Tensor& src, Tensor& dst);

} // namespace stair
