#pragma once

#include "core/lower/program.h"

namespace stair {

/// The same layers in f32, to be timed against the program: weights, image and outputs are the
/// reals that their codes stand for, nothing is rounded, and each layer has one output.
Program floatTwin(const Program& program);

} // namespace stair
