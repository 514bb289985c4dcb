#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <span>

namespace stair {

/// Mean cross-entropy of softmax(logits) over the batch; logits: one row of classes per image.
/// dLogits (same shape) receives (softmax - onehot) / images.
double softmaxLoss(const Tensor& logits, std::span<const std::uint16_t> labels, Tensor& dLogits);

} // namespace stair
