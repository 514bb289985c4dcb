#pragma once

#include "core/tensor/tensor.h"

namespace stair {

/// Batch norm in training (Ioffe and Szegedy, arXiv:1502.03167, algorithm 1) over NHWC tensors:
/// y = gamma[c] * (x - mean[c]) / sqrt(variance[c] + eps) + beta[c], mean and (biased) variance of
/// channel c over all pixels of the batch, summed in double. gamma and beta are (1, 1, 1, c).
/// Results are written whole; wrong shapes are InternalErrors.
void refBatchNormForward(const Tensor& src, const Tensor& gamma, const Tensor& beta, double eps,
                         Tensor& dst);

/// The gradients through the statistics too; mean and variance are taken from `src` again.
void refBatchNormBackward(const Tensor& src, const Tensor& gamma, double eps, const Tensor& dDst,
                          Tensor& dSrc, Tensor& dGamma, Tensor& dBeta);

} // namespace stair
