#pragma once

#include "core/quant/axes.h"

namespace stair {

/// A value that moves on a straight line from `start` to `end`, reached at `until` of the run.
struct Ramp
{
    double start = 1;
    double end = 1;
    double until = 1;

    double at(double progress) const
    {
        return progress >= until ? end : start + (end - start) * progress / until;
    }
};

/// Rounding with a sharpness that may rise over the run. Hard forward with a soft slope, or (where
/// `isForward`) soft forward too, with hard codes in evaluation.
class SharpRounding : public Rounding
{
public:
    enum class Shape
    {
        Arctan, // ASR, form A (reconstructed from the abstract of arXiv:2202.09009)
        Periodic, // ASR, form B (likewise); the sharpness is kappa, falling from 1
        Tanh, // Agustsson and Theis, arXiv:2006.09952; DSQ's surrogate, arXiv:1908.05033
    };

    SharpRounding(Shape shape, const Ramp& sharpness, bool isForward, HardRule rule = {});

    bool isSoft() const override { return m_isForward; }
    bool softReadsCodes() const override { return false; }
    void soft(const Tile& tile, std::span<float> v) const override;
    void applySlope(const Tile& tile, std::span<float> g) const override;
    void advance(const QuantContext& context) override;

private:
    Shape m_shape;
    Ramp m_ramp;
    float m_sharpness;
    bool m_isForward;
};

/// AQE (arXiv:2003.04296, equations 6 and 18 to 20): alpha * R(u) + (1 - alpha) * u. At alpha 1 it
/// is the hard quantizer and trains on integers. The backward factor is 2 alpha, or 1 (plain STE).
class BlendRounding : public Rounding
{
public:
    BlendRounding(const Ramp& alpha, bool doubles, HardRule rule);

    bool isSoft() const override { return m_alpha < 1; }
    void soft(const Tile& tile, std::span<float> v) const override;
    void applySlope(const Tile& tile, std::span<float> g) const override;
    void advance(const QuantContext& context) override;

private:
    Ramp m_ramp;
    bool m_doubles;
    float m_alpha;
};

/// BinaryRelax (as in BCGD's code): (eta * R(u) + u) / (1 + eta), eta growing by a factor each half
/// epoch, hard after a share of the run.
class RelaxRounding : public Rounding
{
public:
    RelaxRounding(double growth, double hardFrom, HardRule rule);

    bool isSoft() const override { return !m_isHard; }
    void soft(const Tile& tile, std::span<float> v) const override;
    void advance(const QuantContext& context) override;

private:
    double m_growth;
    double m_hardFrom;
    float m_eta = 1;
    bool m_isHard = false;
};

/// floor(u + uniform [0, 1)) in training, nearest in evaluation. The draw depends on seed, tensor,
/// step and element alone. Codes that chance picks are not the shipped ones: training runs in f32.
class StochasticRounding : public Rounding
{
public:
    bool isSoft() const override { return true; }
    bool isRandom() const override { return true; }
    bool softReadsCodes() const override { return false; }
    void soft(const Tile& tile, std::span<float> v) const override;
    void advance(const QuantContext& context) override { m_context = context; }

private:
    QuantContext m_context;
};

} // namespace stair
