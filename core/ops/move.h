#pragma once

#include "core/ops/pool.h"

#include <variant>

namespace stair {

/// An operation whose results are copies of its inputs, so that codes pass through it as they are
/// and keep their grid: maximum, shortcut without weights, channel slice, channel shuffle.
using Move = std::variant<PoolGeometry, ShortcutGeometry, SliceGeometry, ShuffleGeometry>;

/// `winners` is filled by a maximum; it may be null.
void runMove(const Move& move, const Tensor& src, Tensor& dst, Winners* winners);
void runMove(const Move& move, const Codes& src, Codes& dst, Winners* winners);

/// dSrc is written whole.
void runMoveBackward(const Move& move, const Tensor& dDst, const Winners& winners, Tensor& dSrc);

} // namespace stair
