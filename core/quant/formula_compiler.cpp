#include "core/quant/formula_compiler.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/quant/formula_builder.h"

#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace stair {

namespace {

using Value = FormulaBuilder::Value;
using Arguments = std::span<const Value>;

/// A function of muParser's: its name, and how it is put together.
struct Function
{
    const char* name;
    Value (*emit)(FormulaBuilder&, Arguments);
};

template<FormulaOp op>
Value simple(FormulaBuilder& to, Arguments x)
{
    return to.apply(op, x[0]);
}

/// Rare ones: element by element, in double.
template<double (*function)(double)>
Value scalar(FormulaBuilder& to, Arguments x)
{
    return to.scalar([](double v, double) { return function(v); }, x[0]);
}

template<FormulaOp op>
Value all(FormulaBuilder& to, Arguments x)
{
    Value result = x[0];
    for (const Value next : x.subspan(1))
        result = to.apply(op, result, next);
    return result;
}

Value average(FormulaBuilder& to, Arguments x)
{
    return to.quotient(all<FormulaOp::Add>(to, x), to.constant(double(x.size())));
}

Value sine(FormulaBuilder& to, Arguments x)
{
    return to.sine(x[0]);
}

Value cosine(FormulaBuilder& to, Arguments x)
{
    return to.sine(x[0], 0.25);
}

Value tangent(FormulaBuilder& to, Arguments x)
{
    return to.quotient(to.sine(x[0]), to.sine(x[0], 0.25));
}

Value exponential(FormulaBuilder& to, Arguments x)
{
    return to.exponential(std::numbers::e, x[0]);
}

Value cosineH(FormulaBuilder& to, Arguments x)
{
    const Value rising = exponential(to, x);
    const Value falling = to.exponential(1 / std::numbers::e, x[0]);
    return to.product(to.constant(0.5), to.apply(FormulaOp::Add, rising, falling));
}

Value logarithm(FormulaBuilder& to, Arguments x)
{
    return to.product(to.apply(FormulaOp::Log2, x[0]), to.constant(std::numbers::ln2));
}

Value sign(FormulaBuilder& to, Arguments x)
{
    const Value zero = to.constant(0);
    return to.apply(FormulaOp::Subtract, to.apply(FormulaOp::Less, zero, x[0]),
                    to.apply(FormulaOp::Less, x[0], zero));
}

/// muParser's: halves go up.
Value nearest(FormulaBuilder& to, Arguments x)
{
    const Value below = to.apply(FormulaOp::Floor, x[0]);
    const Value rest = to.apply(FormulaOp::Subtract, x[0], below);
    return to.apply(FormulaOp::Add, below, to.apply(FormulaOp::LessEqual, to.constant(0.5), rest));
}

Value angle(FormulaBuilder& to, Arguments x)
{
    return to.scalar([](double y, double x) { return std::atan2(y, x); }, x[0], x[1]);
}

constexpr Function functions[] = {
    {"abs", simple<FormulaOp::Absolute>},
    {"acos", scalar<std::acos>},
    {"acosh", scalar<std::acosh>},
    {"asin", scalar<std::asin>},
    {"asinh", scalar<std::asinh>},
    {"atan", simple<FormulaOp::ArcTangent>},
    {"atan2", angle},
    {"atanh", scalar<std::atanh>},
    {"avg", average},
    {"ceil", simple<FormulaOp::Ceiling>},
    {"cos", cosine},
    {"cosh", cosineH},
    {"exp", exponential},
    {"floor", simple<FormulaOp::Floor>},
    {"ln", logarithm},
    {"log", logarithm},
    {"log10", scalar<std::log10>},
    {"log2", simple<FormulaOp::Log2>},
    {"max", all<FormulaOp::Max>},
    {"min", all<FormulaOp::Min>},
    {"rint", nearest},
    {"sign", sign},
    {"sin", sine},
    {"sinh", scalar<std::sinh>},
    {"sqrt", simple<FormulaOp::Root>},
    {"sum", all<FormulaOp::Add>},
    {"tan", tangent},
    {"tanh", simple<FormulaOp::TangentH>},
};

double minus(double v)
{
    return -v;
}

double plus(double v)
{
    return v;
}

/// muParser with the variables of formulas. Its optimizer is off, so that the byte code has the
/// formula's own operations.
struct BoundParser
{
    explicit BoundParser(const std::string& text)
    {
        parser.EnableOptimizer(false);
        parser.DefineVar("u", &u);
        parser.DefineVar("q", &q);
        parser.DefineVar("e", &e);
        parser.DefineFun("floor", [](double v) { return std::floor(v); });
        parser.DefineFun("ceil", [](double v) { return std::ceil(v); });
        parser.ClearInfixOprt();
        parser.DefineInfixOprt("-", minus);
        parser.DefineInfixOprt("+", plus);
        parser.DefineConst("pi", std::numbers::pi);
        parser.SetExpr(text);
        parser.Eval(); // parses
    }
    BoundParser(const BoundParser&) = delete;

    mu::Parser parser;
    double u = 0.25;
    double q = 0;
    double e = 0.25;
};

/// Runs muParser's byte code with nodes in place of numbers.
class Translator
{
public:
    Translator(const std::string& text, const BoundParser& bound)
        : m_text(text)
        , m_bound(bound)
    {
    }

    FormulaProgram translate()
    {
        const mu::ParserByteCode& code = m_bound.parser.GetByteCode();
        for (std::size_t i = 0; i < code.GetSize(); ++i)
            read(code.GetBase()[i]);
        require(!m_stack.empty(), "a formula's byte code leaves a value");
        return m_to.program(m_stack.back());
    }

private:
    Value pop()
    {
        require(!m_stack.empty(), "a formula's byte code takes values that are there");
        const Value top = m_stack.back();
        m_stack.pop_back();
        return top;
    }

    void read(const mu::SToken& token)
    {
        switch (token.Cmd) {
        case mu::cmVAL:
            return m_stack.push_back(m_to.constant(token.Val.data2));
        case mu::cmVAR:
            return m_stack.push_back(variable(token.Val.ptr));
        case mu::cmFUNC:
            return call(token.Fun.cb._pRawFun, std::size_t(std::abs(token.Fun.argc)));
        case mu::cmENDIF: {
            const Value otherwise = pop(), then = pop(), condition = pop();
            return m_stack.push_back(m_to.apply(FormulaOp::Select, condition, then, otherwise));
        }
        case mu::cmIF:
        case mu::cmELSE:
        case mu::cmEND:
            return;
        case mu::cmASSIGN:
            throw Error(concat("the formula '", m_text,
                               "' assigns with =, which a formula cannot do; == compares"));
        default: {
            const Value b = pop(), a = pop();
            m_stack.push_back(binary(token.Cmd, a, b));
        }
        }
    }

    Value variable(const double* place)
    {
        if (place == &m_bound.u)
            return m_to.u();
        if (place == &m_bound.q)
            return m_to.q();
        return m_to.apply(FormulaOp::Subtract, m_to.u(), m_to.q());
    }

    Value binary(mu::ECmdCode code, Value a, Value b)
    {
        switch (code) {
        case mu::cmADD:
            return m_to.sum(a, b);
        case mu::cmSUB:
            return m_to.difference(a, b);
        case mu::cmMUL:
            return m_to.product(a, b);
        case mu::cmDIV:
            return m_to.quotient(a, b);
        case mu::cmPOW:
            return m_to.power(a, b);
        case mu::cmLT:
            return m_to.apply(FormulaOp::Less, a, b);
        case mu::cmGT:
            return m_to.apply(FormulaOp::Less, b, a);
        case mu::cmLE:
            return m_to.apply(FormulaOp::LessEqual, a, b);
        case mu::cmGE:
            return m_to.apply(FormulaOp::LessEqual, b, a);
        case mu::cmEQ:
            return m_to.apply(FormulaOp::Equal, a, b);
        case mu::cmNEQ:
            return m_to.apply(FormulaOp::NotEqual, a, b);
        case mu::cmLAND:
            return m_to.apply(FormulaOp::And, a, b);
        case mu::cmLOR:
            return m_to.apply(FormulaOp::Or, a, b);
        default:
            throw Error(
                concat("the formula '", m_text, "' has an operator that is not known here"));
        }
    }

    void call(mu::erased_fun_type function, std::size_t count)
    {
        require(count <= m_stack.size(), "a formula's byte code takes values that are there");
        const std::vector<Value> arguments(m_stack.end() - std::ptrdiff_t(count), m_stack.end());
        m_stack.resize(m_stack.size() - count);
        m_stack.push_back(result(function, arguments));
    }

    Value result(mu::erased_fun_type function, Arguments arguments)
    {
        if (function == mu::erased_fun_type(&minus))
            return m_to.negative(arguments[0]);
        if (function == mu::erased_fun_type(&plus))
            return arguments[0];
        const mu::funmap_type& known = m_bound.parser.GetFunDef();
        for (const Function& candidate : functions) {
            const auto found = known.find(candidate.name);
            if (found != known.end()
                && found->second.GetAddr() == reinterpret_cast<void*>(function))
                return candidate.emit(m_to, arguments);
        }
        throw Error(concat("the formula '", m_text, "' has a function that is not known here"));
    }

    const std::string& m_text;
    const BoundParser& m_bound;
    FormulaBuilder m_to;
    std::vector<Value> m_stack;
};

} // namespace

FormulaProgram compileFormula(const std::string& text)
{
    try {
        const BoundParser bound(text);
        return Translator(text, bound).translate();
    } catch (const mu::Parser::exception_type& error) {
        throw Error(concat("the formula '", text, "' cannot be read at character ",
                           error.GetPos() + 1, ": ", error.GetMsg(),
                           " Known are u, q, e = u - q, pi and functions such as sin, exp, abs, "
                           "floor, rint, min, max"));
    }
}

} // namespace stair
