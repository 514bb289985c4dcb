#pragma once

#include "core/ops/move.h"

namespace stair {

/// What runMove() does, one value at a time.
void refRunMove(const Move& move, const Tensor& src, Tensor& dst);
void refRunMove(const Move& move, const Codes& src, Codes& dst);

} // namespace stair
