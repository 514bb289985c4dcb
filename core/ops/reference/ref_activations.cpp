#include "core/ops/reference/ref_activations.h"

#include "core/base/assert.h"

#include <algorithm>

namespace stair {

void refActivationForward(const Activation& activation, const Tensor& src, Tensor& dst)
{
    require(src.shape() == dst.shape(), "an activation keeps its input's shape");
    for (std::int64_t i = 0; i < src.size(); ++i)
        dst.data()[i] = std::max(activation.low, std::min(activation.high, src.data()[i]));
}

void refActivationBackward(const Activation& activation, const Tensor& src, const Tensor& dDst,
                           Tensor& dSrc)
{
    require(src.shape() == dDst.shape() && src.shape() == dSrc.shape(),
            "an activation keeps its input's shape");
    for (std::int64_t i = 0; i < src.size(); ++i) {
        const float x = src.data()[i];
        dSrc.data()[i] = activation.low < x && x < activation.high ? dDst.data()[i] : 0;
    }
}

} // namespace stair
