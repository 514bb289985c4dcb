#pragma once

#include "core/quant/axes.h"

namespace stair {

/// step = range / (levels - 1), the range from -max|x| (0 on an unsigned grid) to max|x|. Weights:
/// the largest magnitude of the moment. Activations: an exponential mean over the batches.
class MinMaxStep : public StepRule
{
public:
    /// momentum: the newest batch's share in the activations' mean.
    explicit MinMaxStep(double momentum);

    double initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    bool observes() const override { return true; }
    double observe(std::span<const float> x, const Grid& grid, QuantizerKind kind,
                   double step) const override;

private:
    double m_momentum;
};

/// Learned step size quantization (Esser et al., arXiv:1902.08153, equations 1 to 3):
/// dq/ds = round(u) - u inside the range, qn or qp outside; gradient scale 1 / sqrt(N qp);
/// initial step 2 mean|x| / sqrt(qp).
class LsqStep : public StepRule
{
public:
    double initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    bool isLearned() const override { return true; }
    double partial(std::span<const float> g, std::span<const float> u, std::span<const float> q,
                   const Grid& grid) const override;
    double finish(double sum, std::int64_t count, const Grid& grid) const override;
};

} // namespace stair
