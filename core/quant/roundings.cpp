#include "core/quant/roundings.h"

#include "core/base/random.h"
#include "core/ops/simd/rounding_kernels.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

SharpRounding::SharpRounding(Shape shape, const Ramp& sharpness, bool isForward, HardRule rule)
    : Rounding(std::move(rule))
    , m_shape(shape)
    , m_ramp(sharpness)
    , m_sharpness(float(sharpness.start))
    , m_isForward(isForward)
{
}

void SharpRounding::advance(const QuantContext& context)
{
    m_sharpness = float(m_ramp.at(context.progress));
}

void SharpRounding::soft(const Tile& tile, std::span<float> v) const
{
    switch (m_shape) {
    case Shape::Arctan:
        tile::softArctan(tile.u.data(), m_sharpness, tile.qn, tile.qp, v.data(), v.size());
        break;
    case Shape::Periodic:
        tile::softPeriodic(tile.u.data(), m_sharpness, tile.qn, tile.qp, v.data(), v.size());
        break;
    case Shape::Tanh:
        tile::softTanh(tile.u.data(), m_sharpness, tile.qn, tile.qp, v.data(), v.size());
        break;
    }
}

void SharpRounding::applySlope(const Tile& tile, std::span<float> g) const
{
    switch (m_shape) {
    case Shape::Arctan:
        tile::arctanSlope(tile.u.data(), m_sharpness, g.data(), g.size());
        break;
    case Shape::Periodic:
        tile::periodicSlope(tile.u.data(), m_sharpness, g.data(), g.size());
        break;
    case Shape::Tanh:
        tile::tanhSlope(tile.u.data(), m_sharpness, g.data(), g.size());
        break;
    }
}

BlendRounding::BlendRounding(const Ramp& alpha, bool doubles, HardRule rule)
    : Rounding(std::move(rule))
    , m_ramp(alpha)
    , m_doubles(doubles)
    , m_alpha(float(alpha.start))
{
}

void BlendRounding::advance(const QuantContext& context)
{
    m_alpha = float(m_ramp.at(context.progress));
}

void BlendRounding::soft(const Tile& tile, std::span<float> v) const
{
    const float own = (1 - m_alpha) * (tile.codeStep / tile.step);
    for (std::size_t i = 0; i < v.size(); ++i)
        v[i] = m_alpha * tile.q[i] + own * tile.u[i];
}

void BlendRounding::applySlope(const Tile&, std::span<float> g) const
{
    if (m_doubles)
        tile::scale(g.data(), 2 * m_alpha, g.data(), g.size());
}

RelaxRounding::RelaxRounding(double growth, double hardFrom, HardRule rule)
    : Rounding(std::move(rule))
    , m_growth(growth)
    , m_hardFrom(hardFrom)
{
}

void RelaxRounding::advance(const QuantContext& context)
{
    m_eta = float(std::pow(m_growth, std::floor(2 * context.epoch)));
    m_isHard = context.progress >= m_hardFrom;
}

void RelaxRounding::soft(const Tile& tile, std::span<float> v) const
{
    const float ratio = tile.codeStep / tile.step;
    for (std::size_t i = 0; i < v.size(); ++i)
        v[i] = (m_eta * tile.q[i] + ratio * tile.u[i]) / (1 + m_eta);
}

void StochasticRounding::soft(const Tile& tile, std::span<float> v) const
{
    const std::uint64_t key = m_context.seed * 0x9E3779B97F4A7C15u + m_context.stream;
    const auto keys = philox({std::uint32_t(m_context.step), std::uint32_t(m_context.step >> 32),
                              std::uint32_t(tile.first >> 32), std::uint32_t(RandomUse::Rounding)},
                             {std::uint32_t(key), std::uint32_t(key >> 32)});
    tile::floorRandomly(tile.u.data(), std::uint32_t(tile.first), keys[0], keys[1], tile.qn,
                        tile.qp, v.data(), v.size());
}

} // namespace stair
