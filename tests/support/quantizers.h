#pragma once

#include "core/quant/methods.h"

namespace stair {

/// A quantizer of a method with its parameters at their defaults, one step.
inline std::unique_ptr<Quantizer> defaultQuantizer(const std::string& id, QuantizerKind kind,
                                                   const Grid& grid, int steps = 1)
{
    const MethodInfo& info = method(id);
    return makeQuantizer(info, ParamValues(info.params), "test.step", kind, grid, steps);
}

/// The same on the grid that the method gives such a tensor; weights and tensors after a ReLU.
inline std::unique_ptr<Quantizer> methodQuantizer(const MethodInfo& info, QuantizerKind kind,
                                                  int bits)
{
    const ParamValues params(info.params);
    const bool isSigned = kind == QuantizerKind::Weight;
    return makeQuantizer(info, params, "test.step", kind,
                         methodGrid(info, params, kind, bits, isSigned), 1);
}

/// Values as weights: `rows` output channels of equal parts.
inline Tensor weightsOf(std::span<const float> values, int rows = 1)
{
    Tensor weight({rows, 1, 1, int(values.size()) / rows});
    std::ranges::copy(values, weight.data());
    return weight;
}

} // namespace stair
