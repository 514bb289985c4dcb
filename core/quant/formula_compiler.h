#pragma once

#include "core/ops/formula_program.h"

#include <string>

namespace stair {

/// Parses a formula of u, q and e = u - q with muParser and translates its byte code. Throws Error
/// naming the formula, the place and what is wrong there.
FormulaProgram compileFormula(const std::string& text);

} // namespace stair
