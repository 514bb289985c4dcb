#pragma once

#include "core/ops/formula_program.h"

#include <cstddef>

namespace stair::tile {

/// out = the formula at u and q, in f32. Within 2e-6 of the value in double, relative to the larger
/// of it and 1, unless the formula magnifies the rounding of what it is made of. Any length; no
/// alignment; out may be u or q.
void runFormula(const FormulaProgram& program, const float* u, const float* q, float* out,
                std::size_t n);

/// Whether no x is infinite or NaN.
bool isFinite(const float* x, std::size_t n);

} // namespace stair::tile
