#pragma once

#include "core/quant/axes.h"

#include <vector>

namespace stair {

/// A tensor of zeros has no range; any positive step serves it. Learned steps stop here.
inline constexpr float smallestStep = 1e-8f;

/// Mean of (x - x^)^2 over a tensor, x^ = step * clamp(nearest(x / step)).
double meanSquaredError(std::span<const float> x, double step, const Grid& grid);

/// A step that no tensor decides.
class FixedStep : public StepRule
{
public:
    explicit FixedStep(double step)
        : m_step(step)
    {
    }
    StepPair initial(std::span<const float>, const Grid&, QuantizerKind) const override
    {
        return StepPair(m_step);
    }
    double fixed(const Grid&) const override { return m_step; }

private:
    double m_step;
};

/// step = range / (levels - 1), the range from -max|x| (0 on an unsigned grid) to max|x|. Weights:
/// the largest magnitude of the moment. Activations: an exponential mean over the batches.
class MinMaxStep : public StepRule
{
public:
    /// momentum: the newest batch's share in the activations' mean.
    explicit MinMaxStep(double momentum);

    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    bool observes(std::int64_t) const override { return true; }
    bool isMemoryless(QuantizerKind kind) const override { return kind == QuantizerKind::Weight; }
    StepPair observe(std::span<const float> x, const Grid& grid, QuantizerKind kind, double step,
                     int channel) override;

private:
    double m_momentum;
};

/// Learned step size quantization (Esser et al., arXiv:1902.08153, equations 1 to 3):
/// dq/ds = round(u) - u inside the range, qn or qp outside; gradient scale 1 / sqrt(N qp);
/// initial step 2 mean|x| / sqrt(qp).
class LsqStep : public StepRule
{
public:
    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;

    /// As initial() has it. With the range kept, most values would be zero at a few bits.
    double widthRatio(const Grid& before, const Grid& now) const override;
    bool isLearned() const override { return true; }
    double partial(std::span<const float> g, const Tile& tile) const override;
    double finish(double sum, std::int64_t count, const Grid& grid, int channel) override;
};

/// LSQ+'s weights (Bhalgat et al., arXiv:2004.09576): as LSQ, but the first range reaches three
/// standard deviations about the mean.
class LsqPlusWeightStep : public LsqStep
{
public:
    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    double widthRatio(const Grid& before, const Grid& now) const override
    {
        return StepRule::widthRatio(before, now);
    }
};

/// LSQ+'s activations, on a grid shifted by a learned offset: the codes at the ends count from the
/// range's lower end, which the offset moves. Starts at the first batch's range, (max - min) / (levels - 1)
/// (the paper then minimises the error over some batches).
class LsqPlusStep : public StepRule
{
public:
    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    bool isLearned() const override { return true; }
    double partial(std::span<const float> g, const Tile& tile) const override;
    double finish(double sum, std::int64_t count, const Grid& grid, int channel) override;
};

/// A learned step that starts from the spread of the tensor: the range is `deviations` standard
/// deviations wide on each side (EWGS, arXiv:2104.00903; DSQ, arXiv:1908.05033); of what is never
/// negative it reaches two deviations beyond the mean at least. Learned as LSQ's, at
/// a hundredth of the learning rate (EWGS: 1e-5 beside 1e-3; there by Adam in absolute units, here
/// by shares of the step, as Adam moves every scale).
class DeviationStep : public LsqStep
{
public:
    explicit DeviationStep(double deviations)
        : m_deviations(deviations)
    {
    }
    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    double widthRatio(const Grid& before, const Grid& now) const override
    {
        return StepRule::widthRatio(before, now);
    }
    double rateFactor() const override { return 0.01; }

private:
    double m_deviations;
};

/// PACT (arXiv:1805.06085): the clip alpha = qp * step is learned, d(y)/d(alpha) = 1 where
/// x >= alpha; it decays like a weight. The gradient kept is that of alpha over qp, so that an SGD
/// step moves alpha as published.
class PactStep : public StepRule
{
public:
    explicit PactStep(double alpha)
        : m_alpha(alpha)
    {
    }
    double first(const Grid& grid) const override { return m_alpha / grid.qp; }
    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    bool isLearned() const override { return true; }
    bool decays() const override { return true; }
    double partial(std::span<const float> g, const Tile& tile) const override;
    double finish(double sum, std::int64_t count, const Grid& grid, int channel) override;

private:
    double m_alpha;
};

/// The step found by probing the quantization error E at s / beta, s and beta s, whatever the task's
/// gradient says. LLSQ's simulated gradient (hustzxd/EfficientPyTorch): +-s^2 by a truth table.
/// SSG (reconstructed from the abstract of arXiv:2202.09009): -d gamma s^2, d the best probe's
/// direction and gamma the share of E that it saves; or at once s <- s (1 + 0.05 d gamma). Between
/// probes nothing moves; the gradient of a probe counts for all the steps until the next. Starts at
/// max|x| / (qp + 1); a channel's at max|w| / qp, activations below 4 bits at max|x| / (2 qp) (LLSQ).
class ProbedStep : public StepRule
{
public:
    enum class Rule
    {
        Llsq,
        Ssg, // multiplicative
        SsgGradient, // through the optimizer
    };

    struct Options
    {
        Rule rule = Rule::Ssg;
        double beta = 2;
        int every = 8; // steps between probes
        bool addsTask = false; // LSQ's gradient as well
    };

    explicit ProbedStep(const Options& options)
        : m_options(options)
    {
    }

    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override;
    StepPair initialOfChannel(std::span<const float> x, const Grid& grid) const override;
    bool observes(std::int64_t step) const override { return step % m_options.every == 0; }
    StepPair observe(std::span<const float> x, const Grid& grid, QuantizerKind kind, double step,
                     int channel) override;
    bool isLearned() const override { return m_options.rule != Rule::Ssg || m_options.addsTask; }
    double partial(std::span<const float> g, const Tile& tile) const override;
    double finish(double sum, std::int64_t count, const Grid& grid, int channel) override;

    /// dL/ds by the rule alone; 0 where the present step is best.
    double simulatedGradient(std::span<const float> x, const Grid& grid, double step) const;

private:
    struct Move
    {
        double direction = 0; // +1: the step should grow
        double gain = 0; // gamma
    };
    Move probe(std::span<const float> x, const Grid& grid, double step) const;

    Options m_options;
    std::vector<double> m_gradients; // by channel, of this training step's probe
};

} // namespace stair
