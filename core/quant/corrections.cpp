#include "core/quant/corrections.h"

#include "core/ops/simd/rounding_kernels.h"

namespace stair {

void DiscretizationCorrection::apply(const Tile& tile, std::span<float> g) const
{
    tile::discretizationFactor(tile.u.data(), tile.q.data(), m_lambda, g.data(), g.size());
}

void PullCorrection::apply(const Tile& tile, std::span<float> g) const
{
    for (std::size_t i = 0; i < g.size(); ++i)
        g[i] += m_mu * (tile.codeStep * tile.u[i] - tile.step * tile.q[i]);
}

} // namespace stair
