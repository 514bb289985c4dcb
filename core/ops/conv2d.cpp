#include "core/ops/conv2d.h"

#include "core/base/assert.h"
#include "core/ops/dnnl/conv.h"
#include "core/ops/reference/ref_conv2d.h"

namespace stair {

namespace {

void requireShapes(const ConvGeometry& g, const Tensor& src, const Tensor& weight,
                   const Tensor& dst)
{
    require(weight.shape() == g.weightShape(), "conv2d: the weight has its geometry's shape");
    require(dst.shape() == g.outputShape(src.shape()), "conv2d: the result has the output's shape");
}

} // namespace

void conv2dForward(Runtime& runtime, const ConvGeometry& g, const Tensor& src, const Tensor& weight,
                   Tensor& dst, KeptWeights* kept)
{
    requireShapes(g, src, weight, dst);
    if (runtime.kernels() == Kernels::Reference)
        refConv2dForward(g, src, weight, dst);
    else
        dnnlops::convForward(runtime, g, src, weight, dst, kept);
}

void conv2dBackwardData(Runtime& runtime, const ConvGeometry& g, const Tensor& dDst,
                        const Tensor& weight, Tensor& dSrc)
{
    requireShapes(g, dSrc, weight, dDst);
    if (runtime.kernels() == Kernels::Reference)
        refConv2dBackwardData(g, dDst, weight, dSrc);
    else
        dnnlops::convBackwardData(runtime, g, dDst, weight, dSrc);
}

void conv2dBackwardWeights(Runtime& runtime, const ConvGeometry& g, const Tensor& src,
                           const Tensor& dDst, Tensor& dWeight)
{
    requireShapes(g, src, dWeight, dDst);
    if (runtime.kernels() == Kernels::Reference)
        refConv2dBackwardWeights(g, src, dDst, dWeight);
    else
        dnnlops::convBackwardWeights(runtime, g, src, dDst, dWeight);
}

} // namespace stair
