#pragma once

#include "core/ops/formula_program.h"

namespace stair {

/// One step in double.
double refFormulaStep(const FormulaStep& step, double a, double b, double c);

/// A compiled formula in double.
double refFormula(const FormulaProgram& program, double u, double q);

} // namespace stair
