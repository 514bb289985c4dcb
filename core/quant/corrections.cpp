#include "core/quant/corrections.h"

#include "core/ops/simd/rounding_kernels.h"

#include <algorithm>

namespace stair {

void DiscretizationCorrection::apply(const Tile& tile, std::span<float> g) const
{
    tile::discretizationFactor(tile.u.data(), tile.q.data(), m_lambda, g.data(), g.size());
}

CurvatureCorrection::CurvatureCorrection()
    : m_lambda(Shape{1, 1, 1, 1})
{
    m_lambda.fill(-1);
}

void CurvatureCorrection::apply(const Tile& tile, std::span<float> g) const
{
    const float lambda = std::max(0.0f, m_lambda.data()[0]);
    tile::discretizationFactor(tile.u.data(), tile.q.data(), lambda, g.data(), g.size());
}

void PullCorrection::apply(const Tile& tile, std::span<float> g) const
{
    for (std::size_t i = 0; i < g.size(); ++i)
        g[i] += m_mu * (tile.codeStep * tile.u[i] - tile.step * tile.q[i]);
}

} // namespace stair
