#include "core/quant/axes.h"

#include <algorithm>
#include <cmath>

namespace stair {

void Rounding::soft(const Tile& tile, std::span<float> v) const
{
    std::ranges::copy(tile.q, v.begin());
}

GradientMask::Bounds GradientMask::bounds(const Grid& grid, float codeStep) const
{
    // A closed end as an open one: one float further out.
    const auto beyond = [](float edge) {
        return std::nextafter(edge, std::numeric_limits<float>::infinity());
    };
    switch (kind) {
    case Kind::None:
        return {};
    case Kind::UnitInterval:
        return {-beyond(1 / codeStep), beyond(1 / codeStep)};
    case Kind::HalfOpenRange:
        return {float(grid.qn), beyond(float(grid.qp))};
    case Kind::OpenRange:
        break;
    }
    return {float(grid.qn), float(grid.qp)};
}

} // namespace stair
