#pragma once

#include "core/lower/program.h"

namespace stair {

inline constexpr int mostExtent = 1 << 16; // of a value's height, width and channels

/// Throws Error naming the instruction unless the program can be run: every value written once and
/// before it is read, shapes that fit each other, weights of their grid, finite multipliers for every
/// channel, no accumulator that could pass 2^31. For programs that come from a file.
void checkProgram(const Program& program);

/// What an instruction's layer gives for one image of its sources, before a pooling; throws Error
/// when they do not fit.
Shape computedShape(const Program& program, const Instruction& in);

} // namespace stair
