#include "core/ops/reference/ref_linear.h"

#include "core/base/assert.h"
#include "core/tensor/eigen_map.h"

namespace stair {

namespace {

void requireShapes(const Tensor& src, const Tensor& weight, const Tensor& dst)
{
    const Shape& w = weight.shape();
    require(src.size() == std::int64_t(src.shape().n) * w.size() / w.n,
            "a linear layer's weight has one row of inputs per output");
    require(dst.size() == std::int64_t(src.shape().n) * w.n && dst.shape().n == src.shape().n,
            "a linear layer's result has one row of outputs per image");
}

} // namespace

void refLinearForward(const Tensor& src, const Tensor& weight, Tensor& dst)
{
    requireShapes(src, weight, dst);
    imageMatrix(dst).noalias() = imageMatrix(src) * imageMatrix(weight).transpose();
}

void refLinearBackwardData(const Tensor& dDst, const Tensor& weight, Tensor& dSrc)
{
    requireShapes(dSrc, weight, dDst);
    imageMatrix(dSrc).noalias() = imageMatrix(dDst) * imageMatrix(weight);
}

void refLinearBackwardWeights(const Tensor& src, const Tensor& dDst, Tensor& dWeight)
{
    requireShapes(src, dWeight, dDst);
    imageMatrix(dWeight).noalias() = imageMatrix(dDst).transpose() * imageMatrix(src);
}

} // namespace stair
