#pragma once

#include "core/ops/formula_program.h"
#include "core/quant/axes.h"

#include <memory>
#include <string>

namespace stair {

/// A formula of u (the value in grid units), q (its hard code) and e = u - q, compiled from the text.
/// Threads may evaluate it at once.
class Formula
{
public:
    /// Throws Error naming the formula, the place and what is wrong there.
    explicit Formula(std::string text);

    /// In f32, but in double where that leaves the floats' range.
    void evaluate(const Tile& tile, std::span<float> values) const;

    /// Throws Error unless the value is finite at u from one end of the grid to the other, in
    /// sixteenths.
    void requireFinite(const Grid& grid) const;

private:
    std::string m_text;
    FormulaProgram m_program;
};

/// Rounding by the user's formulas: a slope, and where `forward` is not empty a soft value too.
/// Codes are the nearest integers. Both see u held to the grid's ends.
class FormulaRounding : public Rounding
{
public:
    FormulaRounding(const std::string& forward, const std::string& slope);

    bool isSoft() const override { return bool(m_forward); }
    void soft(const Tile& tile, std::span<float> v) const override;
    void applySlope(const Tile& tile, std::span<float> g) const override;

private:
    std::unique_ptr<Formula> m_forward;
    std::unique_ptr<Formula> m_slope;
};

} // namespace stair
