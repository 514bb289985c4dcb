#pragma once

#include "core/ops/formula_program.h"

#include <optional>
#include <vector>

namespace stair {

/// Collects the operations of a formula and makes a program of them. What depends on constants alone
/// is computed at once, in double; what is written twice is computed once.
class FormulaBuilder
{
public:
    /// A node's index.
    using Value = int;

    FormulaBuilder();

    Value u() const { return 0; }
    Value q() const { return 1; }
    Value constant(double value);

    Value apply(FormulaOp op, Value a, Value b = -1, Value c = -1);
    Value scalar(double (*function)(double, double), Value a, Value b = -1);

    Value negative(Value x) { return product(x, constant(-1)); }
    Value sum(Value a, Value b);
    Value difference(Value a, Value b);
    Value product(Value a, Value b);
    Value quotient(Value a, Value b);
    Value sine(Value x, double turns = 0); // sin(x + 2 pi turns)
    Value exponential(double base, Value x); // base above 0
    Value power(Value base, Value exponent);

    FormulaProgram program(Value result) const;

private:
    struct Node
    {
        FormulaStep step; // its registers are nodes
        std::optional<double> constant;
        bool isInput = false;
    };

    /// factor * base + offset
    struct Linear
    {
        Value base;
        double factor = 1;
        double offset = 0;
    };

    const std::optional<double>& constantOf(Value v) const
    {
        return m_nodes[std::size_t(v)].constant;
    }
    Value add(const FormulaStep& step);
    Value node(FormulaOp op, const Linear& of);
    Linear linear(Value x) const;

    /// Also through a division by a constant, for what need not round like one.
    Linear linearOrQuotient(Value x) const;
    Value wholePower(Value base, int exponent);

    std::vector<Node> m_nodes;
};

} // namespace stair
