#pragma once

#include "core/base/params.h"
#include "core/quant/axes.h"

#include <functional>
#include <string>
#include <vector>

namespace stair {

struct BitRange
{
    int least = 2;
    int most = 8;

    bool has(int bits) const { return bits >= least && bits <= most; }
};

/// What the setup form, the command line and the spec need to know about one method: a named
/// preset over the axes of quantization.
struct MethodInfo
{
    std::string id; // saved in runs: never rename
    std::string title;
    std::string help;
    std::string source; // paper
    std::vector<ParamSpec> params;
    BitRange weightBits;
    BitRange activationBits;

    /// The axes for one tensor; null for a method that quantizes nothing.
    std::function<QuantizerAxes(const ParamValues&, QuantizerKind, const Grid&)> axes;

    /// The grid of one tensor; null: two's complement. isSigned: the tensor has negative values.
    std::function<Grid(const ParamValues&, QuantizerKind, int bits, bool isSigned)> grid;

    /// Throws Error for parameters that cannot work together or at all; null: all can.
    std::function<void(const ParamValues&)> check;

    bool quantizes() const { return bool(axes); }
    const BitRange& bits(QuantizerKind kind) const
    {
        return kind == QuantizerKind::Weight ? weightBits : activationBits;
    }
};

} // namespace stair
