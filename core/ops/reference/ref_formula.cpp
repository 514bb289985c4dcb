#include "core/ops/reference/ref_formula.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace stair {

double refFormulaStep(const FormulaStep& step, double a, double b, double c)
{
    switch (step.op) {
    case FormulaOp::Add:
        return a + b;
    case FormulaOp::Subtract:
        return a - b;
    case FormulaOp::Multiply:
        return a * b;
    case FormulaOp::Divide:
        return a / b;
    case FormulaOp::Min:
        return std::min(a, b);
    case FormulaOp::Max:
        return std::max(a, b);
    case FormulaOp::Less:
        return a < b;
    case FormulaOp::LessEqual:
        return a <= b;
    case FormulaOp::Equal:
        return a == b;
    case FormulaOp::NotEqual:
        return a != b;
    case FormulaOp::And:
        return a != 0 && b != 0;
    case FormulaOp::Or:
        return a != 0 || b != 0;
    case FormulaOp::Select:
        return a != 0 ? b : c;
    case FormulaOp::Linear:
        return step.factor * a + step.shift;
    case FormulaOp::Absolute:
        return std::abs(a);
    case FormulaOp::Root:
        return std::sqrt(a);
    case FormulaOp::Floor:
        return std::floor(a);
    case FormulaOp::Ceiling:
        return std::ceil(a);
    case FormulaOp::ArcTangent:
        return std::atan(a);
    case FormulaOp::TangentH:
        return std::tanh(a);
    case FormulaOp::Sine:
        return std::sin(2 * std::numbers::pi * (step.factor * a + step.shift));
    case FormulaOp::Power2:
        return std::exp2(step.factor * a + step.shift);
    case FormulaOp::Log2:
        return std::log2(a);
    case FormulaOp::Scalar:
        break;
    }
    return step.scalar(a, b);
}

double refFormula(const FormulaProgram& program, double u, double q)
{
    std::vector<double> values(std::size_t(program.registers));
    values[0] = u;
    values[1] = q;
    std::ranges::copy(program.constants, values.begin() + FormulaProgram::inputs);
    const auto at = [&values](int i) {
        return i < 0 ? 0.0 : values[std::size_t(i)];
    };
    for (const FormulaStep& step : program.steps)
        values[std::size_t(step.out)] = refFormulaStep(step, at(step.a), at(step.b), at(step.c));
    return at(program.result);
}

} // namespace stair
