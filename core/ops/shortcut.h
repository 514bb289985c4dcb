#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

namespace stair {

/// Every stride-th pixel with zero channels appended (He et al. 2016, option A). Codes keep their
/// grid: zero is code 0.
void padShortcut(const ShortcutGeometry& g, const Tensor& src, Tensor& dst);
void padShortcut(const ShortcutGeometry& g, const Codes& src, Codes& dst);

/// dSrc is written whole.
void padShortcutBackward(const ShortcutGeometry& g, const Tensor& dDst, Tensor& dSrc);

} // namespace stair
