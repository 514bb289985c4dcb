#include "core/quant/gradient_quantizer.h"

#include "core/base/random.h"
#include "core/ops/blocking.h"
#include "core/ops/simd/tile_kernels.h"

namespace stair {

Tensor realValues(QuantizedGradient gradient, BufferPool& pool)
{
    if (gradient.values)
        return std::move(gradient.values);
    const Codes& codes = gradient.codes;
    Tensor real(codes.shape(), pool);
    const Blocking blocking(codes.shape());
    std::vector<float> perChannel;
    for (int c = 0; c < codes.shape().c; ++c)
        perChannel.push_back(gradient.step(c));
    const std::vector<float> steps = blocking.overTile(perChannel);
    const std::vector<float> zeros(steps.size(), 0.0f);
    forEachTile(blocking, [&](std::int64_t, std::int64_t offset, std::size_t size) {
        float* to = real.data() + offset;
        tile::unpack(codes.data() + offset, true, 1, to, size);
        tile::affine(to, steps.data(), zeros.data(), to, size);
    });
    return real;
}

GradientDraws::GradientDraws(const QuantContext& context, GradientUse use)
    : m_key{std::uint32_t(context.seed),
            std::uint32_t(context.seed >> 32)
                ^ (std::uint32_t(RandomUse::GradientRounding) * 0x85EBCA6Bu)}
    , m_place{std::uint32_t(context.step),
              std::uint32_t(context.stream) * 2 + std::uint32_t(use == GradientUse::Data)}
{
}

float GradientDraws::at(std::int64_t element)
{
    const std::int64_t block = element / 4;
    if (block != m_block) {
        m_draws = philox({std::uint32_t(block), std::uint32_t(block >> 32), m_place[0], m_place[1]},
                         m_key);
        m_block = block;
    }
    return float(m_draws[std::size_t(element % 4)] >> 8) * 0x1p-24f;
}

} // namespace stair
