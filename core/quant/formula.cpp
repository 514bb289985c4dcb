#include "core/quant/formula.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/ops/reference/ref_formula.h"
#include "core/ops/simd/formula_kernels.h"
#include "core/ops/simd/tile_kernels.h"
#include "core/quant/formula_compiler.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace stair {

Formula::Formula(std::string text)
    : m_text(std::move(text))
    , m_program(compileFormula(m_text))
{
}

void Formula::evaluate(const Tile& tile, std::span<float> values) const
{
    tile::runFormula(m_program, tile.u.data(), tile.q.data(), values.data(), values.size());
    if (tile::isFinite(values.data(), values.size()))
        return;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]))
            values[i] = float(refFormula(m_program, double(tile.u[i]), double(tile.q[i])));
    }
}

void Formula::requireFinite(const Grid& grid) const
{
    std::vector<float> u, q;
    for (int i = grid.qn * 16; i <= grid.qp * 16; ++i) {
        u.push_back(float(i) / 16);
        q.push_back(std::nearbyint(u.back()));
    }
    std::vector<float> values(u.size());
    evaluate({.u = u, .q = q}, values);
    const auto worst = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
    if (worst != values.end())
        throw Error(concat("the formula '", m_text, "' is ", *worst,
                           " at u = ", u[std::size_t(worst - values.begin())],
                           "; it must be finite from u = ", grid.qn, " to ", grid.qp,
                           ", the ends of the codes. Add a bound, for example max(..., 1e-6) under "
                           "a division"));
}

FormulaRounding::FormulaRounding(const std::string& forward, const std::string& slope)
{
    if (!forward.empty())
        m_forward = std::make_unique<Formula>(forward);
    if (!slope.empty())
        m_slope = std::make_unique<Formula>(slope);
}

namespace {

/// Calls body(tile) with u held to the grid's ends, so that formulas see no more than requireFinite()
/// has seen.
template<typename Body>
void withinGrid(Tile tile, const Body& body)
{
    thread_local std::vector<float> u;
    u.resize(tile.u.size());
    tile::clamp(tile.u.data(), tile.qn, tile.qp, u.data(), u.size());
    tile.u = u;
    body(tile);
}

} // namespace

void FormulaRounding::soft(const Tile& tile, std::span<float> v) const
{
    if (!m_forward) {
        Rounding::soft(tile, v);
        return;
    }
    withinGrid(tile, [&](const Tile& held) { m_forward->evaluate(held, v); });
    tile::clamp(v.data(), tile.qn, tile.qp, v.data(), v.size());
}

void FormulaRounding::applySlope(const Tile& tile, std::span<float> g) const
{
    if (!m_slope)
        return;
    thread_local std::vector<float> slope;
    slope.resize(g.size());
    withinGrid(tile, [&](const Tile& held) { m_slope->evaluate(held, slope); });
    tile::multiply(g.data(), slope.data(), g.data(), g.size());
}

} // namespace stair
