#pragma once

#include "core/base/params.h"

#include <string>

namespace stair {

/// Width of float: the tensor is not quantized.
inline constexpr int floatBits = 32;

/// How a tensor at one end of the network is treated, whatever the method's width.
enum class EndPolicy
{
    Bits8,
    Float,
    Same
};

/// How a residual skip reaches its join: as 8-bit codes (default), or in float (not proved).
enum class ResidualPolicy
{
    Codes8,
    Float
};

/// The spec's "quant" object: the method, its parameters, and the widths.
struct QuantSpec
{
    std::string method = "float";
    ParamValues params; // the method's own
    int weightBits = 8; // 2 to 8, or floatBits
    bool perChannel = false; // one weight step per output channel
    int activationBits = 8;
    EndPolicy first = EndPolicy::Bits8; // image and first layer's weights
    EndPolicy last = EndPolicy::Bits8; // last layer's input and weights
    ResidualPolicy residual = ResidualPolicy::Codes8;

    bool isFloat() const { return method == "float"; }

    static QuantSpec read(ObjectReader reader);
    Json toJson() const;
};

} // namespace stair
