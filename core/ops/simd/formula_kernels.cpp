#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/formula_kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/exp2-inl.h"
#include "core/ops/simd/formula_kernels.h"
#include "core/ops/simd/sweep-inl.h"

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <limits>
#include <memory>

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

/// factor a + shift as whole + part, |part| <= 1/2: the whole may be large and the part still has
/// its digits, since the factor has those of two floats.
class Split
{
public:
    explicit Split(const FormulaStep& step)
        : m_high(float(step.factor))
        , m_low(float(step.factor - double(m_high)))
        , m_shift(float(step.shift))
    {
    }

    template<typename D, typename V>
    HWY_INLINE V operator()(D d, V x, V& whole) const
    {
        const auto high = hn::Set(d, m_high);
        const auto first = hn::Round(hn::Mul(x, high));
        const auto rest = hn::MulAdd(x, hn::Set(d, m_low), hn::Set(d, m_shift));
        const auto part = hn::Add(hn::MulSub(x, high, first), rest);
        const auto second = hn::Round(part);
        whole = hn::Add(first, second);
        return hn::Sub(part, second);
    }

    /// The sum itself, which is infinite where x is.
    template<typename D, typename V>
    HWY_INLINE V sum(D d, V x) const
    {
        return hn::MulAdd(x, hn::Set(d, m_high), hn::Set(d, m_shift));
    }

private:
    float m_high;
    float m_low;
    float m_shift;
};

/// Polynomials are minimax fits, below the floats' own error.
template<typename D, typename V>
HWY_INLINE V sineOf(D d, V x, const Split& split)
{
    V whole;
    const auto part = split(d, x, whole);
    const auto size = hn::Abs(part);
    const auto y = hn::Min(size, hn::Sub(hn::Set(d, 0.5f), size)); // the quarter turn's mirror
    const auto square = hn::Mul(y, y);
    auto series = hn::Set(d, 39.710865f);
    for (const float c : {-76.5749893f, 81.6022339f, -41.3416786f, 6.28318548f})
        series = hn::MulAdd(series, square, hn::Set(d, c));
    return hn::CopySign(hn::Mul(series, y), part);
}

template<typename D, typename V>
HWY_INLINE V power2Of(D d, V x, const Split& split)
{
    V whole;
    const auto part = split(d, x, whole);
    const auto series = hn::MulAdd(exp2Secant(d, part), part, hn::Set(d, 1.0f));
    // In two factors, since 2^128 and 2^-140 are no floats.
    const hn::RebindToSigned<D> bits;
    const auto power = hn::ConvertTo(bits, whole);
    const auto half = hn::ShiftRight<1>(power);
    const auto scale = [=](auto n) HWY_ATTR {
        return hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(n, hn::Set(bits, 127))));
    };
    const auto value = hn::Mul(hn::Mul(series, scale(half)), scale(hn::Sub(power, half)));
    const auto sum = split.sum(d, x);
    const auto bounded = hn::IfThenElse(hn::Lt(hn::Set(d, 128.0f), sum),
                                        hn::Set(d, std::numeric_limits<float>::infinity()), value);
    return hn::IfThenZeroElse(hn::Lt(sum, hn::Set(d, -150.0f)), bounded);
}

template<typename D, typename V>
HWY_INLINE V log2Of(D d, V x)
{
    // Subnormal numbers are made normal first.
    const auto isSmall = hn::Lt(x, hn::Set(d, std::numeric_limits<float>::min()));
    const auto normal = hn::IfThenElse(isSmall, hn::Mul(x, hn::Set(d, 0x1p25f)), x);
    // x = 2^exponent m, m from 1/sqrt(2) to sqrt(2)
    const hn::RebindToSigned<D> bits;
    constexpr std::int32_t rootHalf = 0x3F3504F3;
    const auto raised = hn::Sub(hn::BitCast(bits, normal), hn::Set(bits, rootHalf));
    const auto exponent = hn::ShiftRight<23>(raised);
    const auto m = hn::BitCast(
        d, hn::Add(hn::And(raised, hn::Set(bits, 0x7FFFFF)), hn::Set(bits, rootHalf)));
    const auto z = hn::Div(hn::Sub(m, hn::Set(d, 1.0f)), hn::Add(m, hn::Set(d, 1.0f)));
    const auto square = hn::Mul(z, z);
    auto series = hn::Set(d, 0.431734115f);
    for (const float c : {0.576714456f, 0.961798847f, 2.88539004f})
        series = hn::MulAdd(series, square, hn::Set(d, c));
    const auto lowered = hn::IfThenElseZero(isSmall, hn::Set(d, -25.0f));
    const auto value = hn::MulAdd(series, z, hn::Add(hn::ConvertTo(d, exponent), lowered));
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const auto zero = hn::Zero(d);
    const auto atEnds = hn::IfThenElse(hn::Eq(x, zero), hn::Set(d, -infinity),
                                       hn::IfThenElse(hn::Eq(x, hn::Set(d, infinity)), x, value));
    return hn::IfThenElse(hn::Lt(x, zero), hn::Set(d, std::numeric_limits<float>::quiet_NaN()),
                          atEnds);
}

/// (E - 1) / (E + 1), E = exp(2 |x|), with E - 1 summed so that it keeps its digits near 0.
template<typename D, typename V>
HWY_INLINE V tangentHOf(D d, V x)
{
    const auto twoLog2E = hn::Set(d, 2.88539008f);
    const auto size = hn::Min(hn::Set(d, 20.0f), hn::Abs(x)); // its NaN stays
    const auto whole = hn::Round(hn::Mul(size, twoLog2E));
    const auto f = hn::MulSub(size, twoLog2E, whole);
    const hn::RebindToSigned<D> bits;
    const auto power = hn::Add(hn::ConvertTo(bits, whole), hn::Set(bits, 127));
    const auto scale = hn::BitCast(d, hn::ShiftLeft<23>(power));
    const auto raised
        = hn::MulAdd(scale, hn::Mul(exp2Secant(d, f), f), hn::Sub(scale, hn::Set(d, 1.0f)));
    return hn::CopySign(hn::Div(raised, hn::Add(raised, hn::Set(d, 2.0f))), x);
}

template<typename D, typename M>
HWY_INLINE auto oneWhere(D d, M mask)
{
    return hn::IfThenElseZero(mask, hn::Set(d, 1.0f));
}

/// A step's operands and result in one block.
struct Operands
{
    const float *a, *b, *c;
    float* out;
    std::size_t n;
};

template<typename Function>
HWY_INLINE void each(const Operands& on, const Function& function)
{
    sweep(on.n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(function(d, hn::LoadU(d, on.a + i)), d, on.out + i);
    });
}

template<typename Function>
HWY_INLINE void eachPair(const Operands& on, const Function& function)
{
    sweep(on.n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(function(d, hn::LoadU(d, on.a + i), hn::LoadU(d, on.b + i)), d, on.out + i);
    });
}

void combine(FormulaOp op, const Operands& on)
{
    switch (op) {
    case FormulaOp::Add:
        return eachPair(on, [](auto, auto a, auto b) HWY_ATTR { return hn::Add(a, b); });
    case FormulaOp::Subtract:
        return eachPair(on, [](auto, auto a, auto b) HWY_ATTR { return hn::Sub(a, b); });
    case FormulaOp::Multiply:
        return eachPair(on, [](auto, auto a, auto b) HWY_ATTR { return hn::Mul(a, b); });
    case FormulaOp::Divide:
        return eachPair(on, [](auto, auto a, auto b) HWY_ATTR { return hn::Div(a, b); });
    case FormulaOp::Min: // x86 gives its second operand where one is NaN
        return eachPair(on, [](auto, auto a, auto b) HWY_ATTR { return hn::Min(b, a); });
    case FormulaOp::Max:
        return eachPair(on, [](auto, auto a, auto b) HWY_ATTR { return hn::Max(b, a); });
    case FormulaOp::Less:
        return eachPair(on,
                        [](auto d, auto a, auto b) HWY_ATTR { return oneWhere(d, hn::Lt(a, b)); });
    case FormulaOp::LessEqual:
        return eachPair(on,
                        [](auto d, auto a, auto b) HWY_ATTR { return oneWhere(d, hn::Le(a, b)); });
    case FormulaOp::Equal:
        return eachPair(on,
                        [](auto d, auto a, auto b) HWY_ATTR { return oneWhere(d, hn::Eq(a, b)); });
    case FormulaOp::NotEqual:
        return eachPair(on,
                        [](auto d, auto a, auto b) HWY_ATTR { return oneWhere(d, hn::Ne(a, b)); });
    case FormulaOp::And:
        return eachPair(on, [](auto d, auto a, auto b) HWY_ATTR {
            const auto zero = hn::Zero(d);
            return oneWhere(d, hn::And(hn::Ne(a, zero), hn::Ne(b, zero)));
        });
    default: // Or
        return eachPair(on, [](auto d, auto a, auto b) HWY_ATTR {
            const auto zero = hn::Zero(d);
            return oneWhere(d, hn::Or(hn::Ne(a, zero), hn::Ne(b, zero)));
        });
    }
}

void runStep(const FormulaStep& step, const Operands& on)
{
    const Split split(step);
    switch (step.op) {
    case FormulaOp::Select:
        return sweep(on.n, [=](auto d, std::size_t i) HWY_ATTR {
            const auto isTrue = hn::Ne(hn::LoadU(d, on.a + i), hn::Zero(d));
            hn::StoreU(hn::IfThenElse(isTrue, hn::LoadU(d, on.b + i), hn::LoadU(d, on.c + i)), d,
                       on.out + i);
        });
    case FormulaOp::Linear: {
        const float factor = float(step.factor), shift = float(step.shift);
        return each(on, [=](auto d, auto a) HWY_ATTR {
            return hn::MulAdd(a, hn::Set(d, factor), hn::Set(d, shift));
        });
    }
    case FormulaOp::Absolute:
        return each(on, [](auto, auto a) HWY_ATTR { return hn::Abs(a); });
    case FormulaOp::Root:
        return each(on, [](auto, auto a) HWY_ATTR { return hn::Sqrt(a); });
    case FormulaOp::Floor:
        return each(on, [](auto, auto a) HWY_ATTR { return hn::Floor(a); });
    case FormulaOp::Ceiling:
        return each(on, [](auto, auto a) HWY_ATTR { return hn::Ceil(a); });
    case FormulaOp::ArcTangent:
        return each(on, [](auto d, auto a) HWY_ATTR { return hn::Atan(d, a); });
    case FormulaOp::TangentH:
        return each(on, [](auto d, auto a) HWY_ATTR { return tangentHOf(d, a); });
    case FormulaOp::Sine:
        return each(on, [=](auto d, auto a) HWY_ATTR { return sineOf(d, a, split); });
    case FormulaOp::Power2:
        return each(on, [=](auto d, auto a) HWY_ATTR { return power2Of(d, a, split); });
    case FormulaOp::Log2:
        return each(on, [](auto d, auto a) HWY_ATTR { return log2Of(d, a); });
    case FormulaOp::Scalar:
        for (std::size_t i = 0; i < on.n; ++i)
            on.out[i] = float(step.scalar(double(on.a[i]), on.b ? double(on.b[i]) : 0));
        return;
    default:
        return combine(step.op, on);
    }
}

void runFormula(const FormulaProgram& program, const float* u, const float* q, float* out,
                std::size_t n)
{
    constexpr std::size_t blockSize = 256; // the registers stay in the first-level cache
    const auto scratch = std::make_unique_for_overwrite<float[]>(
        std::size_t(program.registers - FormulaProgram::inputs) * blockSize);
    const auto own = [&](int i) {
        return scratch.get() + std::size_t(i - FormulaProgram::inputs) * blockSize;
    };
    for (std::size_t i = 0; i < program.constants.size(); ++i)
        std::fill_n(scratch.get() + i * blockSize, std::min(n, blockSize),
                    float(program.constants[i]));

    for (std::size_t first = 0; first < n; first += blockSize) {
        const std::size_t count = std::min(blockSize, n - first);
        const auto source = [&](int i) -> const float* {
            return i < 0 ? nullptr : i == 0 ? u + first : i == 1 ? q + first : own(i);
        };
        if (program.steps.empty())
            std::copy_n(source(program.result), count, out + first);
        for (const FormulaStep& step : program.steps) {
            const bool isLast = &step == &program.steps.back();
            runStep(step,
                    {source(step.a), source(step.b), source(step.c),
                     isLast ? out + first : own(step.out), count});
        }
    }
}

bool isFinite(const float* x, std::size_t n)
{
    bool finite = true;
    sweep(n, [x, &finite](auto d, std::size_t i) HWY_ATTR {
        const auto most = hn::Set(d, std::numeric_limits<float>::max());
        finite &= hn::AllTrue(d, hn::Le(hn::Abs(hn::LoadU(d, x + i)), most));
    });
    return finite;
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::tile {

HWY_EXPORT(runFormula);
HWY_EXPORT(isFinite);

void runFormula(const FormulaProgram& program, const float* u, const float* q, float* out,
                std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(runFormula)(program, u, q, out, n);
}

bool isFinite(const float* x, std::size_t n)
{
    return HWY_DYNAMIC_DISPATCH(isFinite)(x, n);
}

} // namespace stair::tile
#endif
