#pragma once

#include "core/quant/axes.h"

namespace stair {

/// DoReFa (arXiv:1606.06160): t = tanh(w) / max|tanh(w)|, from -1 to 1. The backward pass goes
/// through the maximum as well.
class TanhTransform : public WeightTransform
{
public:
    void apply(const Tensor& weight, Tensor& transformed) const override;
    void backward(const Tensor& weight, Tensor& gradient) const override;
};

} // namespace stair
