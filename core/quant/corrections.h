#pragma once

#include "core/quant/axes.h"

namespace stair {

/// g * (1 + lambda sign(g) e), e = u - q the discretization error in levels: MDE (reconstructed
/// from the abstract of arXiv:2202.09009), and with lambda = delta / (levels - 1) EWGS
/// (arXiv:2104.00903), which counts e over the whole range.
class DiscretizationCorrection : public Correction
{
public:
    explicit DiscretizationCorrection(double lambda)
        : m_lambda(float(lambda))
    {
    }
    void apply(const Tile& tile, std::span<float> g) const override;

private:
    float m_lambda;
};

/// EWGS with delta from the Hessian's trace (core/nn/curvature.h): the same with a lambda of the
/// tensor's own, which starts as not set: straight through.
class CurvatureCorrection : public Correction
{
public:
    CurvatureCorrection();
    void apply(const Tile& tile, std::span<float> g) const override;
    Tensor* lambda() override { return &m_lambda; }

private:
    Tensor m_lambda;
};

/// g + mu (x - x^): the gradient of (mu / 2) (x - x^)^2 beside the task's (MDE, additive form).
class PullCorrection : public Correction
{
public:
    explicit PullCorrection(double mu)
        : m_mu(float(mu))
    {
    }
    void apply(const Tile& tile, std::span<float> g) const override;

private:
    float m_mu;
};

} // namespace stair
