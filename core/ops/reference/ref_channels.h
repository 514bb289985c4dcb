#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/tensor.h"

#include <vector>

namespace stair {

/// Channels taken, reordered and joined, one value at a time. Results are written whole; wrong
/// shapes are InternalErrors.

/// dst(c) = src(first + c)
void refSliceChannels(const SliceGeometry& g, const Tensor& src, Tensor& dst);

/// dst(j * groups + i) = src(i * (channels / groups) + j)
void refShuffleChannels(const ShuffleGeometry& g, const Tensor& src, Tensor& dst);

/// The parts' channels one after the other; all have the same pixels.
void refConcatChannels(const std::vector<const Tensor*>& parts, Tensor& dst);

} // namespace stair
