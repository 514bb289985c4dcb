#include "core/quant/axes.h"

#include <algorithm>
#include <cmath>

namespace stair {

void Rounding::soft(std::span<const float>, std::span<const float> q, std::span<float> v) const
{
    std::ranges::copy(q, v.begin());
}

GradientMask::Bounds GradientMask::bounds(const Grid& grid, float step) const
{
    switch (kind) {
    case Kind::None:
        return {};
    case Kind::UnitInterval: {
        // The closed interval as an open one: one float further out on each side.
        const float edge = std::nextafter(1 / step, std::numeric_limits<float>::infinity());
        return {-edge, edge};
    }
    case Kind::OpenRange:
        break;
    }
    return {float(grid.qn), float(grid.qp)};
}

} // namespace stair
