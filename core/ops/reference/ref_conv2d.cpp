#include "core/ops/reference/ref_conv2d.h"

#include "core/base/assert.h"
#include "core/ops/reference/ref_products.h"

#include <algorithm>
#include <vector>

namespace stair {

namespace {

void requireShapes(const ConvGeometry& g, const Tensor& src, const Tensor& weight,
                   const Tensor& dst)
{
    require(weight.shape() == g.weightShape(), "a convolution's weight has its geometry's shape");
    require(dst.shape() == g.outputShape(src.shape()), "a convolution's result has its shape");
}

/// target[i] = float of the sum that addProducts(sums) gathers in sums[i], from 0.
template<typename AddProducts>
void sumInto(Tensor& target, const AddProducts& addProducts)
{
    std::vector<double> sums(std::size_t(target.size()));
    addProducts(sums.data());
    std::ranges::transform(sums, target.data(), [](double sum) { return float(sum); });
}

} // namespace

void refConv2dForward(const ConvGeometry& g, const Tensor& src, const Tensor& weight, Tensor& dst)
{
    requireShapes(g, src, weight, dst);
    const float* x = src.data();
    const float* w = weight.data();
    sumInto(dst, [&](double* y) {
        forEachProduct(g, src.shape(),
                       [&](auto to, auto from, auto tap) { y[to] += double(x[from]) * w[tap]; });
    });
}

void refConv2dBackwardData(const ConvGeometry& g, const Tensor& dDst, const Tensor& weight,
                           Tensor& dSrc)
{
    requireShapes(g, dSrc, weight, dDst);
    const float* dy = dDst.data();
    const float* w = weight.data();
    sumInto(dSrc, [&](double* dx) {
        forEachProduct(g, dSrc.shape(),
                       [&](auto to, auto from, auto tap) { dx[from] += double(dy[to]) * w[tap]; });
    });
}

void refConv2dBackwardWeights(const ConvGeometry& g, const Tensor& src, const Tensor& dDst,
                              Tensor& dWeight)
{
    requireShapes(g, src, dWeight, dDst);
    const float* x = src.data();
    const float* dy = dDst.data();
    sumInto(dWeight, [&](double* dw) {
        forEachProduct(g, src.shape(),
                       [&](auto to, auto from, auto tap) { dw[tap] += double(dy[to]) * x[from]; });
    });
}

} // namespace stair
