#include "core/ops/integer/conv_codes.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/ops/integer/kernels.h"

namespace stair {

namespace {

IntegerConvKey keyOf(const ConvGeometry& g, const Codes& src, const Codes& weight)
{
    require(weight.grid().isSigned && weight.shape() == g.weightShape(),
            "convCodes: weights are s8 codes of the geometry's shape");
    const IntegerConvKey key{g, src.shape(), src.grid(), weight.grid()};
    if (key.accumulatorBound() >= (std::int64_t(1) << 31))
        throw Error(concat("[conv on codes] ", g.terms(), " products of ", src.grid().bits, " x ",
                           weight.grid().bits,
                           " bits may pass 32 bits; use fewer bits or a smaller "
                           "layer"));
    return key;
}

} // namespace

void convCodes(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
               Tensor& acc, KeptWeights* kept)
{
    KeptWeights own;
    require(acc.shape() == g.outputShape(src.shape()), "convCodes: acc has the output's shape");
    const IntegerConvKey key = keyOf(g, src, weight);
    IntegerKernels& kernels = runtime.integerKernels();
    kernels.run(runtime, *kernels.choose(runtime, key).kernel, g, src, weight, kept ? *kept : own,
                acc);
}

bool convCodesFused(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                    std::span<const float> m, std::span<const float> b, int low, int high,
                    Codes& dst, KeptWeights* kept)
{
    const FusedGrid grid{dst.grid().isSigned, low, high};
    if (!runtime.integerKernels().mayFuse(runtime, keyOf(g, src, weight), grid))
        return false;
    runtime.integerKernels().runFused(runtime, g, src, weight, m, b, low, high, dst, kept);
    return true;
}

} // namespace stair
