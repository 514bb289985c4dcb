#pragma once

#include "core/quant/axes.h"

namespace stair {

/// BCGD (arXiv:1808.05240): w <- (1 - rho) w + rho w^, then the optimizer's step. rho grows by a
/// factor each epoch, to 0.01 at most; 0 is BinaryConnect.
class BlendingUpdate : public UpdateRule
{
public:
    BlendingUpdate(double rho, double growth)
        : m_rho(rho)
        , m_growth(growth)
    {
    }
    bool needsQuantized() const override { return m_rho > 0; }
    void beforeUpdate(Tensor& weight, const Tensor& quantized,
                      const QuantContext& context) const override;

private:
    double m_rho;
    double m_growth;
};

/// Keeps latent weights in [-1, 1] (BNN, AQE).
class ClipUpdate : public UpdateRule
{
public:
    void afterUpdate(Tensor& weight) const override;
};

} // namespace stair
