#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <vector>

namespace stair {

/// Channels taken, reordered and joined, one value at a time. Results are written whole; wrong
/// shapes are InternalErrors.

/// dst(c) = src(first + c)
void refSliceChannels(const SliceGeometry& g, const Tensor& src, Tensor& dst);
void refSliceChannels(const SliceGeometry& g, const Codes& src, Codes& dst);

/// dst(j * groups + i) = src(i * (channels / groups) + j)
void refShuffleChannels(const ShuffleGeometry& g, const Tensor& src, Tensor& dst);
void refShuffleChannels(const ShuffleGeometry& g, const Codes& src, Codes& dst);

/// dst(y, x, c) = src(stride * y, stride * x, c), and 0 in the channels that src lacks.
void refPadShortcut(const ShortcutGeometry& g, const Tensor& src, Tensor& dst);
void refPadShortcut(const ShortcutGeometry& g, const Codes& src, Codes& dst);

/// dst(first + c) = part(c), of codes as whole numbers; the other channels are left alone.
void refPutChannels(const Tensor& part, int first, Tensor& dst);
void refPutChannels(const Codes& part, int first, Tensor& dst);

/// The parts' channels one after the other; all have the same pixels.
void refConcatChannels(const std::vector<const Tensor*>& parts, Tensor& dst);

} // namespace stair
