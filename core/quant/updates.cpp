#include "core/quant/updates.h"

#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

void BlendingUpdate::beforeUpdate(Tensor& weight, const Tensor& quantized,
                                  const QuantContext& context) const
{
    if (!(m_rho > 0))
        return;
    const double grown = m_rho * std::pow(m_growth, std::floor(context.epoch));
    const auto rho = float(std::min(grown, std::max(m_rho, 0.01)));
    for (std::int64_t i = 0; i < weight.size(); ++i)
        weight.data()[i] = (1 - rho) * weight.data()[i] + rho * quantized.data()[i];
}

void ClipUpdate::afterUpdate(Tensor& weight) const
{
    tile::clamp(weight.data(), -1, 1, weight.data(), std::size_t(weight.size()));
}

} // namespace stair
