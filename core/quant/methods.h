#pragma once

#include "core/base/params.h"
#include "core/quant/axes.h"
#include "core/quant/quantizer.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace stair {

/// What the setup form, the command line and the spec need to know about one method: a named
/// preset over the axes of quantization.
struct MethodInfo
{
    std::string id; // saved in runs: never rename
    std::string title;
    std::string help;
    std::string source; // paper
    std::vector<ParamSpec> params;
    int leastBits = 2;
    int mostBits = 8;

    /// The axes for one tensor; null for a method that quantizes nothing.
    std::function<QuantizerAxes(const ParamValues&, QuantizerKind, const Grid&)> axes;

    bool quantizes() const { return bool(axes); }
};

/// All methods, in menu order.
const std::vector<MethodInfo>& methods();

/// Throws Error naming the nearest known id when `id` is not one of them.
const MethodInfo& method(const std::string& id);

/// A quantizer of a method that quantizes, for one tensor; `name` is its step's.
std::unique_ptr<Quantizer> makeQuantizer(const MethodInfo& info, const ParamValues& params,
                                         const std::string& name, QuantizerKind kind,
                                         const Grid& grid, int steps);

} // namespace stair
