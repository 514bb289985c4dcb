#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <span>

namespace stair {

/// Mean over the images of -log softmax(logits)[label], in double. logits: (images, 1, 1, classes),
/// one label per image; dLogits (same shape) receives (softmax - onehot) / images.
double refSoftmaxLoss(const Tensor& logits, std::span<const std::uint16_t> labels, Tensor& dLogits);

} // namespace stair
