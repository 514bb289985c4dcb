#pragma once

#include "core/base/params.h"

#include "core/tensor/grid.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stair {

/// Width of float: the tensor is not quantized.
inline constexpr int floatBits = 32;

/// Width of IEEE half precision: values rounded to it, computed in f32, outside the integer proof.
inline constexpr int halfBits = 16;

/// Whether a tensor of this width is kept as integer codes.
constexpr bool isCoded(int bits)
{
    return bits < halfBits;
}

/// How a tensor at one end of the network is treated, whatever the method's width.
enum class EndPolicy
{
    Bits8,
    Float,
    Same
};

/// How the branches of a residual join meet: the skip as 8-bit codes (default) or in float (not
/// proved); or both branches, and their sum again, by one 8-bit quantizer, added as codes.
enum class ResidualPolicy
{
    Codes8,
    Float,
    Shared
};

/// Other widths for the layers whose name matches a pattern; 0: as the others.
struct LayerBits
{
    std::string match; // "stage1.*": * stands for any text, ? for one character
    int weightBits = 0;
    int activationBits = 0; // of the layer's input
};

/// Changes of quantization while a run is on. Steps count from 1; 0: never.
struct QuantSchedule
{
    struct Bits
    {
        std::int64_t step = 0;
        int weightBits = 0; // 0: as before
        int activationBits = 0;

        bool operator==(const Bits&) const = default;
    };

    std::int64_t startStep = 0; // trains in float before it
    std::int64_t freezeRangesStep = 0; // from it on no step (scale) moves
    std::int64_t freezeNormStep = 0; // from it on batch norm uses its running statistics
    std::vector<Bits> bits; // other widths from these steps on, in ascending order

    bool operator==(const QuantSchedule&) const = default;
};

/// The spec's "quant" object: the method, its parameters, and the widths.
struct QuantSpec
{
    std::string method = "float";
    ParamValues params; // the method's own
    int weightBits = 8; // what the method takes, halfBits or floatBits
    bool perChannel = false; // one weight step per output channel
    int activationBits = 8;
    int gradientBits = floatBits; // of the gradients at the layers' outputs
    EndPolicy first = EndPolicy::Bits8; // image and first layer's weights
    EndPolicy last = EndPolicy::Bits8; // last layer's input and weights
    ResidualPolicy residual = ResidualPolicy::Codes8;

    std::vector<LayerBits> layers; // the last that matches counts
    QuantSchedule schedule;

    bool isFloat() const { return method == "float"; }

    /// The same network without quantization.
    QuantSpec asFloat() const;

    static QuantSpec read(ObjectReader reader);
    Json toJson() const;
};

/// The grids that the spec's method gives a layer's weights, and a tensor between layers.
Grid weightGrid(const QuantSpec& quant, int bits);
Grid activationGrid(const QuantSpec& quant, int bits, bool isSigned);

} // namespace stair
