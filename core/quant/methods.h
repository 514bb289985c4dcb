#pragma once

#include "core/quant/method_info.h"
#include "core/quant/quantizer.h"

#include <memory>
#include <string>
#include <vector>

namespace stair {

/// All methods, in menu order.
const std::vector<MethodInfo>& methods();

/// Throws Error naming the nearest known id when `id` is not one of them.
const MethodInfo& method(const std::string& id);

/// The grid that a method gives a tensor. A width that the method does not define for it is
/// quantized by min-max (the 8-bit ends and joins of a binary network).
Grid methodGrid(const MethodInfo& info, const ParamValues& params, QuantizerKind kind, int bits,
                bool isSigned);

/// The range of all codes that quantizers of one network may have: its ends and joins are 8 bits wide
/// whatever the others are.
inline constexpr Grid widestGrid{.bits = 8, .isSigned = true, .qn = -128, .qp = 255};

/// A quantizer of a method that quantizes, for one tensor on methodGrid(); `name` is its step's.
std::unique_ptr<Quantizer> makeQuantizer(const MethodInfo& info, const ParamValues& params,
                                         const std::string& name, QuantizerKind kind,
                                         const Grid& grid, int steps);

/// The quantizer of one layer's output gradient at a width below 32; null where it stays float.
std::unique_ptr<GradientQuantizer> makeGradientQuantizer(const MethodInfo& info,
                                                         const ParamValues& params, int bits,
                                                         GradientPlace place);

/// Rounding to nearest at a step that is set by hand: the image's quantizer.
std::unique_ptr<Quantizer> makePlainQuantizer(const std::string& name, QuantizerKind kind,
                                              const Grid& grid);

} // namespace stair
