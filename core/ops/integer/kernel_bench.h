#pragma once

#include "core/base/json.h"

namespace stair {

class Runtime;

/// Times 3x3 convolutions of 1-bit and ternary codes against f32 and int8 on the same shapes, in one
/// run, alternating: medians over `rounds`. "shapes": name, milliseconds of each, ratios to f32 and
/// int8. Packed ones read and write bit planes, epilogue included; packing is told apart.
Json runKernelBench(Runtime& runtime, int rounds);

} // namespace stair
