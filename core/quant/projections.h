#pragma once

#include "core/quant/axes.h"

namespace stair {

/// Steps in closed form from the weights of the moment: nothing is learned or remembered.
class ProjectedStep : public StepRule
{
public:
    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override
    {
        return project(x, grid, kind);
    }
    bool isMemoryless(QuantizerKind) const override { return true; }
    StepPair observe(std::span<const float> x, const Grid& grid, QuantizerKind kind, double,
                     int) override
    {
        return project(x, grid, kind);
    }
    virtual StepPair project(std::span<const float> x, const Grid& grid,
                             QuantizerKind kind) const = 0;
};

/// Binary weights: mean|w| * sign(w), or median|w|.
class BinaryScale : public ProjectedStep
{
public:
    explicit BinaryScale(bool usesMedian)
        : m_usesMedian(usesMedian)
    {
    }
    StepPair project(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;

private:
    bool m_usesMedian;
};

/// Ternary weights (TWN, arXiv:1605.04711): zero up to Delta = 0.7 mean|w|; the scale is the mean
/// of |w| beyond it (least squares), its sum over all weights (BCGD's code), or 1 (AQE).
class TernaryScale : public ProjectedStep
{
public:
    enum class Scale
    {
        LeastSquares,
        OverAll,
        One,
    };
    explicit TernaryScale(Scale scale)
        : m_scale(scale)
    {
    }
    double first(const Grid&) const override { return m_scale == Scale::One ? 1 : 0; }
    bool hasOwnCodeStep() const override { return true; }
    StepPair project(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;

private:
    Scale m_scale;
};

/// BCGD's projection from 3 bits on: codes at the step 2 max|w| / (2^b - 1), then the least-squares
/// scale for those codes; each further Lloyd iteration codes again at the scale found.
class LloydScale : public ProjectedStep
{
public:
    explicit LloydScale(int iterations)
        : m_iterations(iterations)
    {
    }
    bool hasOwnCodeStep() const override { return true; }
    StepPair project(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;

private:
    int m_iterations;
};

/// BCGD's learned step of a ceil activation, with its coarse gradients by alpha (NUMERICS 6).
class CoarseStep : public StepRule
{
public:
    enum class Gradient
    {
        Exact, // 0 | ceil(u) | L: almost everywhere
        Mean, // 0 | (L + 1) / 2 | L
        Pact, // 0 | 0 | L
        Min, // 0 | 1 | L
    };
    explicit CoarseStep(Gradient gradient, double rate)
        : m_gradient(gradient)
        , m_rate(rate)
    {
    }
    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    double first(const Grid& grid) const override;
    bool isLearned() const override { return true; }
    bool decays() const override { return true; }
    double least() const override { return 1e-3; }
    double most() const override { return 5; }
    double partial(std::span<const float> g, const Tile& tile) const override;
    double finish(double sum, std::int64_t count, const Grid& grid, int channel) override;

private:
    Gradient m_gradient;
    double m_rate;
};

} // namespace stair
