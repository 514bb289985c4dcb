#pragma once

#include <cstdint>
#include <vector>

namespace stair {

/// What a step of a compiled formula does with its operands a, b and c. Truth is 1, all but 0 is
/// true.
enum class FormulaOp : std::uint8_t
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Min, // std::min(a, b), also of NaN
    Max,
    Less, // a < b
    LessEqual,
    Equal,
    NotEqual,
    And,
    Or,
    Select, // a ? b : c
    Linear, // factor a + shift
    Absolute,
    Root,
    Floor,
    Ceiling,
    ArcTangent,
    TangentH,
    Sine, // sin(2 pi (factor a + shift))
    Power2, // 2^(factor a + shift)
    Log2,
    Scalar // scalar(a, b)
};

struct FormulaStep
{
    FormulaOp op = FormulaOp::Add;
    int a = -1; // registers; -1: none
    int b = -1;
    int c = -1;
    int out = -1;
    double factor = 1;
    double shift = 0;
    double (*scalar)(double, double) = nullptr;

    bool operator==(const FormulaStep&) const = default;
};

/// A formula of u and q as straight-line code. Register 0 is u, 1 is q; then come the constants and
/// the registers that steps write. The last step writes the result.
struct FormulaProgram
{
    static constexpr int inputs = 2;

    std::vector<double> constants;
    std::vector<FormulaStep> steps;
    int registers = inputs;
    int result = 0; // differs from the last step's register only where there are no steps
};

} // namespace stair
