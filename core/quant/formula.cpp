#include "core/quant/formula.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <muParser.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <numbers>

namespace stair {

namespace {

/// One thread's parser of one formula, bound to variables of its own.
struct BoundParser
{
    explicit BoundParser(const std::string& text)
    {
        parser.DefineVar("u", &u);
        parser.DefineVar("q", &q);
        parser.DefineVar("e", &e);
        parser.DefineFun("floor", [](double v) { return std::floor(v); });
        parser.DefineFun("ceil", [](double v) { return std::ceil(v); });
        parser.DefineConst("pi", std::numbers::pi);
        parser.SetExpr(text);
    }
    BoundParser(const BoundParser&) = delete;

    double at(double value, double code)
    {
        u = value;
        q = code;
        e = value - code;
        return parser.Eval();
    }

    mu::Parser parser;
    double u = 0;
    double q = 0;
    double e = 0;
};

std::uint64_t nextId()
{
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

} // namespace

Formula::Formula(std::string text)
    : m_text(std::move(text))
    , m_id(nextId())
{
    try {
        BoundParser(m_text).at(0.25, 0);
    } catch (const mu::Parser::exception_type& error) {
        throw Error(concat("the formula '", m_text, "' cannot be read at character ",
                           error.GetPos() + 1, ": ", error.GetMsg(),
                           " Known are u, q, e = u - q, pi and functions such as sin, exp, abs, "
                           "floor, rint, min, max"));
    }
}

void Formula::evaluate(const Tile& tile, std::span<float> values) const
{
    thread_local std::map<std::uint64_t, BoundParser> parsers;
    const auto found = parsers.try_emplace(m_id, m_text).first;
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = float(found->second.at(double(tile.u[i]), double(tile.q[i])));
}

void Formula::requireFinite() const
{
    for (int i = -130 * 16; i <= 130 * 16; ++i) {
        const float u = float(i) / 16, q = std::nearbyint(u);
        float value = 0;
        evaluate({.u = {&u, 1}, .q = {&q, 1}}, {&value, 1});
        if (!std::isfinite(value))
            throw Error(concat("the formula '", m_text, "' is ", value, " at u = ", u,
                               "; it must be finite over the layers' range. Add a bound, for "
                               "example max(..., 1e-6) under a division"));
    }
}

FormulaRounding::FormulaRounding(const std::string& forward, const std::string& slope)
{
    if (!forward.empty())
        m_forward = std::make_unique<Formula>(forward);
    if (!slope.empty())
        m_slope = std::make_unique<Formula>(slope);
}

void FormulaRounding::soft(const Tile& tile, std::span<float> v) const
{
    if (!m_forward) {
        Rounding::soft(tile, v);
        return;
    }
    m_forward->evaluate(tile, v);
    std::ranges::transform(v, v.begin(),
                           [&tile](float value) { return std::clamp(value, tile.qn, tile.qp); });
}

void FormulaRounding::applySlope(const Tile& tile, std::span<float> g) const
{
    if (!m_slope)
        return;
    thread_local std::vector<float> slope;
    slope.resize(g.size());
    m_slope->evaluate(tile, slope);
    for (std::size_t i = 0; i < g.size(); ++i)
        g[i] *= slope[i];
}

} // namespace stair
