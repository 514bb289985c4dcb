#pragma once

#include "core/quant/methods.h"

#include <string>
#include <vector>

namespace stair {

/// A method's parameters from what is left of the command line: `--name value` each, each within its
/// range. Throws Error naming the nearest parameter.
ParamValues methodOptions(const MethodInfo& info, const std::vector<std::string>& rest);

/// Throws Error for a parameter that cannot work on the grid.
void checkParams(const MethodInfo& info, const ParamValues& params, const Grid& grid);

/// Throws Error unless the method quantizes and knows this width for that kind of tensor.
void checkBits(const MethodInfo& info, QuantizerKind kind, int bits);

} // namespace stair
