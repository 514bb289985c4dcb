#pragma once

#include "core/lower/program.h"

#include <vector>

namespace stair {

/// y = x * m[c] + b[c] in real units.
struct RealAffine
{
    std::vector<double> m, b;
};

/// What a layer does between its real result (an average for sums, a convolution of step * code) and
/// an output's quantizer or the join.
RealAffine realAffine(const Program& program, const Instruction& in, std::size_t output);

/// The other way: sets the multipliers of every output, or of the join, each computed in double and
/// rounded once. Sources, weights' steps and the outputs' values must be there.
void setRealAffine(const Program& program, Instruction& in, const RealAffine& affine);

} // namespace stair
