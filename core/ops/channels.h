#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

namespace stair {

/// The channels of `src` that g names.
void sliceChannels(const SliceGeometry& g, const Tensor& src, Tensor& dst);
void sliceChannels(const SliceGeometry& g, const Codes& src, Codes& dst);

/// dSrc is written whole: zeros beside the slice.
void sliceChannelsBackward(const SliceGeometry& g, const Tensor& dDst, Tensor& dSrc);

/// The channels of `src` in another order.
void shuffleChannels(const ShuffleGeometry& g, const Tensor& src, Tensor& dst);
void shuffleChannels(const ShuffleGeometry& g, const Codes& src, Codes& dst);
void shuffleChannelsBackward(const ShuffleGeometry& g, const Tensor& dDst, Tensor& dSrc);

/// One part of a concat: its values, or its codes as whole numbers, become the channels of `dst`
/// from `first` on. The other channels are left alone.
void putChannels(const Tensor& part, int first, Tensor& dst);
void putChannels(const Codes& part, int first, Tensor& dst);

} // namespace stair
