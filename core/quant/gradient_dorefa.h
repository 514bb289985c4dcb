#pragma once

#include "core/quant/gradient_quantizer.h"

namespace stair {

/// DoReFa's gradients (Zhou et al., arXiv:1606.06160, equation 12) on 2^k levels, with m the largest
/// magnitude in each sample, simulated in f32:
/// 2 m [quantize_k(clip(g / (2m) + 1/2 + U(-1/2, 1/2) / (2^k - 1), 0, 1)) - 1/2].
/// Both products of a layer see the same values.
class DoReFaGradient : public GradientQuantizer
{
public:
    explicit DoReFaGradient(int bits)
        : m_levels(float((1 << bits) - 1))
    {
    }
    QuantizedGradient quantize(const Tensor& gradient, GradientUse use,
                               BufferPool& pool) const override;

private:
    void quantizeSample(std::span<const float> g, std::int64_t first, float* values) const;

    float m_levels; // less one
};

} // namespace stair
