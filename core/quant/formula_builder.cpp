#include "core/quant/formula_builder.h"

#include "core/ops/reference/ref_formula.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace stair {

namespace {

std::array<int, 3> operands(const FormulaStep& step)
{
    return {step.a, step.b, step.c};
}

bool isPowerOf2(double value)
{
    int exponent = 0;
    return std::abs(std::frexp(value, &exponent)) == 0.5;
}

} // namespace

FormulaBuilder::FormulaBuilder()
    : m_nodes(std::size_t(FormulaProgram::inputs))
{
    for (Node& node : m_nodes)
        node.isInput = true;
}

FormulaBuilder::Value FormulaBuilder::constant(double value)
{
    const auto same = std::ranges::find_if(m_nodes, [value](const Node& node) {
        return node.constant
            && std::bit_cast<std::uint64_t>(*node.constant) == std::bit_cast<std::uint64_t>(value);
    });
    if (same != m_nodes.end())
        return Value(same - m_nodes.begin());
    m_nodes.push_back({{}, value, false});
    return Value(m_nodes.size()) - 1;
}

FormulaBuilder::Value FormulaBuilder::apply(FormulaOp op, Value a, Value b, Value c)
{
    FormulaStep step;
    step.op = op;
    step.a = a;
    step.b = b;
    step.c = c;
    return add(step);
}

FormulaBuilder::Value FormulaBuilder::scalar(double (*function)(double, double), Value a, Value b)
{
    FormulaStep step;
    step.op = FormulaOp::Scalar;
    step.a = a;
    step.b = b;
    step.scalar = function;
    return add(step);
}

FormulaBuilder::Value FormulaBuilder::add(const FormulaStep& step)
{
    std::array<double, 3> known = {0, 0, 0};
    bool isConstant = true;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const Value operand = operands(step)[i];
        if (operand < 0)
            continue;
        isConstant = isConstant && constantOf(operand);
        known[i] = constantOf(operand).value_or(0);
    }
    if (isConstant)
        return constant(refFormulaStep(step, known[0], known[1], known[2]));
    const auto same = std::ranges::find_if(m_nodes, [&step](const Node& node) {
        return !node.isInput && !node.constant && node.step == step;
    });
    if (same != m_nodes.end())
        return Value(same - m_nodes.begin());
    m_nodes.push_back({step, std::nullopt, false});
    return Value(m_nodes.size()) - 1;
}

FormulaBuilder::Linear FormulaBuilder::linear(Value x) const
{
    const Node& node = m_nodes[std::size_t(x)];
    if (node.isInput || node.constant || node.step.op != FormulaOp::Linear)
        return {x};
    return {node.step.a, node.step.factor, node.step.shift};
}

FormulaBuilder::Linear FormulaBuilder::linearOrQuotient(Value x) const
{
    const Node& node = m_nodes[std::size_t(x)];
    if (node.isInput || node.constant || node.step.op != FormulaOp::Divide
        || !constantOf(node.step.b))
        return linear(x);
    const double divisor = *constantOf(node.step.b);
    const Linear inner = linear(node.step.a);
    return {inner.base, inner.factor / divisor, inner.offset / divisor};
}

FormulaBuilder::Value FormulaBuilder::node(FormulaOp op, const Linear& of)
{
    if (op == FormulaOp::Linear && of.factor == 1 && of.offset == 0)
        return of.base;
    FormulaStep step;
    step.op = op;
    step.a = of.base;
    step.factor = of.factor;
    step.shift = of.offset;
    return add(step);
}

FormulaBuilder::Value FormulaBuilder::sum(Value a, Value b)
{
    if (constantOf(a))
        std::swap(a, b);
    if (constantOf(a) || !constantOf(b))
        return apply(FormulaOp::Add, a, b);
    Linear of = linear(a);
    of.offset += *constantOf(b);
    return node(FormulaOp::Linear, of);
}

FormulaBuilder::Value FormulaBuilder::difference(Value a, Value b)
{
    if (constantOf(a) || constantOf(b))
        return sum(a, negative(b));
    return apply(FormulaOp::Subtract, a, b);
}

FormulaBuilder::Value FormulaBuilder::product(Value a, Value b)
{
    if (constantOf(a))
        std::swap(a, b);
    if (constantOf(a) || !constantOf(b))
        return apply(FormulaOp::Multiply, a, b);
    Linear of = linear(a);
    of.factor *= *constantOf(b);
    of.offset *= *constantOf(b);
    return node(FormulaOp::Linear, of);
}

FormulaBuilder::Value FormulaBuilder::quotient(Value a, Value b)
{
    if (constantOf(b) && isPowerOf2(*constantOf(b)))
        return product(a, constant(1 / *constantOf(b)));
    return apply(FormulaOp::Divide, a, b);
}

FormulaBuilder::Value FormulaBuilder::sine(Value x, double turns)
{
    constexpr double turn = 2 * std::numbers::pi;
    Linear of = linearOrQuotient(x);
    of.factor /= turn;
    of.offset = std::remainder(of.offset / turn + turns, 1);
    return node(FormulaOp::Sine, of);
}

FormulaBuilder::Value FormulaBuilder::exponential(double base, Value x)
{
    Linear of = linearOrQuotient(x);
    of.factor *= std::log2(base);
    of.offset *= std::log2(base);
    return node(FormulaOp::Power2, of);
}

FormulaBuilder::Value FormulaBuilder::power(Value base, Value exponent)
{
    const auto general = [](double x, double y) {
        return std::pow(x, y);
    };
    constexpr double mostProducts = 16; // each rounds once more
    if (constantOf(exponent) && !constantOf(base)) {
        const double p = *constantOf(exponent);
        if (p == 0.5)
            return apply(FormulaOp::Root, base);
        if (p != std::nearbyint(p))
            return node(FormulaOp::Power2, {apply(FormulaOp::Log2, base), p, 0});
        if (std::abs(p) <= mostProducts) {
            const Value product = wholePower(base, int(std::abs(p)));
            return p < 0 ? quotient(constant(1), product) : product;
        }
    } else if (constantOf(base) && *constantOf(base) > 0 && !constantOf(exponent)) {
        return exponential(*constantOf(base), exponent);
    }
    return scalar(general, base, exponent);
}

FormulaBuilder::Value FormulaBuilder::wholePower(Value base, int exponent)
{
    if (exponent == 0)
        return constant(1);
    if (exponent == 1)
        return base;
    const Value half = wholePower(base, exponent / 2);
    const Value square = product(half, half);
    return exponent % 2 == 1 ? product(square, base) : square;
}

FormulaProgram FormulaBuilder::program(Value result) const
{
    const std::size_t count = std::size_t(result) + 1;
    std::vector<int> lastUse(count, -1);
    lastUse[std::size_t(result)] = result;
    for (int i = result; i >= 0; --i) {
        const Node& node = m_nodes[std::size_t(i)];
        if (lastUse[std::size_t(i)] < 0 || node.isInput || node.constant)
            continue;
        for (const int operand : operands(node.step)) {
            if (operand >= 0)
                lastUse[std::size_t(operand)] = std::max(lastUse[std::size_t(operand)], i);
        }
    }

    FormulaProgram program;
    std::vector<int> registers(count, -1);
    for (int i = 0; i <= result; ++i) {
        const Node& node = m_nodes[std::size_t(i)];
        if (node.isInput)
            registers[std::size_t(i)] = i;
        if (!node.constant || lastUse[std::size_t(i)] < 0)
            continue;
        registers[std::size_t(i)] = program.registers++;
        program.constants.push_back(*node.constant);
    }
    std::vector<int> unused;
    for (int i = 0; i <= result; ++i) {
        const Node& node = m_nodes[std::size_t(i)];
        if (node.isInput || node.constant || lastUse[std::size_t(i)] < 0)
            continue;
        FormulaStep step = node.step;
        for (int* operand : {&step.a, &step.b, &step.c}) {
            if (*operand < 0)
                continue;
            const auto source = std::size_t(*operand);
            *operand = registers[source];
            const Node& from = m_nodes[source];
            if (lastUse[source] == i && !from.isInput && !from.constant)
                unused.push_back(registers[source]);
            lastUse[source] = lastUse[source] == i ? result + 1 : lastUse[source];
        }
        if (unused.empty())
            unused.push_back(program.registers++);
        step.out = registers[std::size_t(i)] = unused.back();
        unused.pop_back();
        program.steps.push_back(step);
    }
    program.result = registers[std::size_t(result)];
    return program;
}

} // namespace stair
