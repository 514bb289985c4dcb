#include "core/quant/gradient_dorefa.h"

#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

void DoReFaGradient::quantizeSample(std::span<const float> g, std::int64_t first,
                                    float* values) const
{
    const float peak = tile::absMax(g.data(), g.size());
    if (peak == 0) {
        std::ranges::copy(g, values); // zeros; or not a number, for the run to stop at
        return;
    }
    GradientDraws draws(context(), GradientUse::Weights);
    for (std::size_t i = 0; i < g.size(); ++i) {
        const float noise = (draws.at(first + std::int64_t(i)) - 0.5f) / m_levels;
        const float share = std::clamp(g[i] / peak * 0.5f + 0.5f + noise, 0.0f, 1.0f);
        values[i] = 2 * peak * (std::nearbyint(m_levels * share) / m_levels - 0.5f);
    }
}

QuantizedGradient DoReFaGradient::quantize(const Tensor& gradient, GradientUse,
                                           BufferPool& pool) const
{
    QuantizedGradient result{{}, {}, Tensor(gradient.shape(), pool)};
    const int samples = gradient.shape().n;
    const std::int64_t each = gradient.size() / samples;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < samples; ++i)
        quantizeSample({gradient.data() + i * each, std::size_t(each)}, i * each,
                       result.values.data() + i * each);
    return result;
}

} // namespace stair
