#pragma once

#include "core/tensor/tensor.h"

#include <Eigen/Core>

namespace stair {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The tensor as a matrix of pixels by channels; no copy.
inline Eigen::Map<RowMatrix> pixelMatrix(Tensor& t)
{
    return {t.data(), t.shape().rows(), t.shape().c};
}

inline Eigen::Map<const RowMatrix> pixelMatrix(const Tensor& t)
{
    return {t.data(), t.shape().rows(), t.shape().c};
}

/// The tensor as a matrix of images (or output channels) by everything else; no copy.
inline Eigen::Map<RowMatrix> imageMatrix(Tensor& t)
{
    return {t.data(), t.shape().n, t.shape().size() / t.shape().n};
}

inline Eigen::Map<const RowMatrix> imageMatrix(const Tensor& t)
{
    return {t.data(), t.shape().n, t.shape().size() / t.shape().n};
}

} // namespace stair
