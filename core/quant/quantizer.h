#pragma once

#include "core/quant/axes.h"
#include "core/tensor/codes.h"
#include "core/tensor/parameter.h"

#include <optional>
#include <string>
#include <vector>

namespace stair {

/// Maps one tensor of the network onto a grid, and gradients back through it (NUMERICS 6). Owns the
/// tensor's step (per tensor, or per output channel of weights); its behaviour is its axes. The
/// tile functions may be called from several threads; everything else from the training thread.
class Quantizer
{
public:
    /// `steps` is 1 or the number of output channels.
    Quantizer(std::string name, QuantizerKind kind, const Grid& grid, int steps,
              QuantizerAxes axes);

    const std::string& name() const { return m_step.name; }
    QuantizerKind kind() const { return m_kind; }
    const Grid& grid() const { return m_grid; }
    const HardRule& rule() const { return m_axes.rounding->rule(); }
    bool isSoft() const { return m_axes.rounding->isSoft(); }
    bool softReadsCodes() const { return m_axes.rounding->softReadsCodes(); }
    bool isRandom() const { return m_axes.rounding->isRandom(); }
    bool isLearned() const { return m_axes.stepRule->isLearned(); }
    bool hasOwnCodeStep() const { return m_axes.stepRule->hasOwnCodeStep(); }

    /// The step that training starts from where no tensor decides it; else 0.
    double firstStep() const { return m_axes.stepRule->first(m_grid); }

    /// The trained steps, shape 1 x 1 x 1 x steps. A level's value is step * code.
    Parameter& parameter() { return m_step; }
    const Parameter& parameter() const { return m_step; }
    float step(int channel = 0) const { return m_step.value.data()[at(channel)]; }
    int steps() const { return m_step.value.shape().c; }

    /// What a unit of a Tile's u and q is worth, the unit of gradients and Hessians in grid units:
    /// 2 steps on mid-rise grids, else one.
    float levelStep(int channel = 0) const { return step(channel) * (isMidRise() ? 2 : 1); }

    /// The correction's estimated strength, saved beside the step; null without one.
    Tensor* lambda() { return m_axes.correction ? m_axes.correction->lambda() : nullptr; }
    const Tensor* lambda() const
    {
        return m_axes.correction ? m_axes.correction->lambda() : nullptr;
    }

    /// The learned offset beta (LSQ+), shape 1; null without one. The grid's zero point follows it:
    /// z = round(-beta / step), so that real zero stays a code and padding exact.
    Parameter* offset() { return m_offset ? &*m_offset : nullptr; }
    const Parameter* offset() const { return m_offset ? &*m_offset : nullptr; }

    /// What x is divided by before the rule. The step, except for projected weights, whose code
    /// steps are kept apart (isProjected).
    float codeStep(int channel = 0) const
    {
        return isProjected() ? m_codeStep.data()[at(channel)] : step(channel);
    }
    bool isProjected() const { return bool(m_codeStep); }
    Tensor& codeSteps() { return m_codeStep; }

    bool isInitialised() const { return m_initialised; }
    void setInitialised(bool value) { m_initialised = value; }

    /// A step that nothing trains: the image's.
    void fixStep(float step);

    /// Everything about the steps that a batch can move by being seen.
    struct Memory
    {
        std::vector<float> steps;
        float offset = 0;
        bool isInitialised = false;
    };
    Memory remember() const;
    void recall(const Memory& memory);

    /// From now on the step stays as it is.
    void freeze();

    /// Whether the tensor must be shown to observe() before this training step's use.
    bool wantsToObserve() const;

    /// Whether the weights must be shown to observe() whenever they have changed.
    bool wantsToProject() const;

    /// The tensor, one equal part per step. Sets the initial step, or lets the rule follow.
    void observe(std::span<const float> x);

    // A quantizer that serves several tensors has one step for all within a pass: what it learns from
    // them moves it afterwards.

    /// From now on the gradients of its uses add up between startGradients() calls.
    void serveSeveral() { m_servesSeveral = true; }
    bool servesSeveral() const { return m_servesSeveral; }
    void startGradients() { m_gradients = {}; }

    /// All its tensors in a pass, one behind the other; `isFirst`: it had no step before that pass.
    /// settle() takes what it finds.
    void observeTogether(std::span<const float> x, bool isFirst);
    void settle();

    void advance(QuantContext context);

    /// Goes on where another width's quantizer stood: the step grows as the levels become fewer, as its
    /// rule has it (StepRule::widthRatio).
    void takeRange(const Quantizer& before);

    /// After steps were read from a checkpoint (0 means "not set yet") or moved by the optimizer.
    void stepsChanged();

    // Tiles: u = x / codeStep.
    void code(std::span<const float> u, std::span<float> q) const;

    /// v in units of step; `first` is the index of u[0] in its tensor. q may be empty where
    /// softReadsCodes() is false.
    void soft(std::span<const float> u, std::span<const float> q, std::span<float> v,
              int channel = 0, std::int64_t first = 0) const;

    /// g in place: from dL/dx^ to dL/dx, by mask, slope and correction.
    void backward(std::span<const float> u, std::span<const float> q, std::span<float> g,
                  int channel = 0) const;
    double stepPartial(std::span<const float> g, std::span<const float> u, std::span<const float> q,
                       int channel = 0) const;

    /// Sets the gradient of step `channel` from the sum of its partials over `count` elements; of
    /// several tensors over all so far.
    void finishStep(int channel, double sum, std::int64_t count);

    /// The same for the offset: 1 beyond the range, 0 inside, scaled as the step's.
    double offsetPartial(std::span<const float> g, std::span<const float> u) const;
    void finishOffset(double sum, std::int64_t count);

    /// The ends of u that the levels stand for; beyond them a value is cut off. Half a level beyond
    /// the last ones where levels are evenly spaced; the last ones themselves where there are three or
    /// powers of two. Unbounded for the sign, which knows no distance.
    GradientMask::Bounds covered(int channel = 0) const;

    /// Where the gradient passes.
    GradientMask::Bounds passes(int channel = 0) const
    {
        return m_axes.mask.bounds(m_grid, codeStep(channel));
    }

    // Weights: the axes that see the whole tensor; null where there is none.
    const WeightTransform* transform() const { return m_axes.transform.get(); }
    const UpdateRule* updateRule() const { return m_axes.update.get(); }
    const QuantContext& context() const { return m_context; }

private:
    void settleGrid();
    int at(int channel) const { return steps() == 1 ? 0 : channel; }
    bool isMidRise() const { return rule().kind == HardRule::Kind::NearestOdd; }

    QuantizerKind m_kind;
    Grid m_grid;
    QuantizerAxes m_axes;
    Parameter m_step;
    Tensor m_codeStep; // projected weights alone
    std::optional<Parameter> m_offset;
    QuantContext m_context;
    bool m_initialised = false;
    bool m_frozen = false;

    struct Gradients
    {
        double sum = 0;
        std::int64_t count = 0;
    };
    bool m_servesSeveral = false;
    Gradients m_gradients; // of the uses so far; where there are several
    std::optional<float> m_nextStep; // for settle()
};

/// Weights (out, h, w, in) as s8 codes and, where `real` is given, step * code.
void quantizeWeights(const Quantizer& quantizer, const Tensor& weight, Codes& codes, Tensor* real);

/// What a soft quantizer puts in the weights' place in training: step * soft value.
void softenWeights(const Quantizer& quantizer, const Tensor& weight, Tensor& real);

/// Shows the weights (after their transform) to a quantizer's step rule.
void observeWeights(Quantizer& quantizer, const Tensor& weight);

/// gradient: dL/dw^ on entry, dL/dw on return; sets the steps' gradients.
void weightsBackward(Quantizer& quantizer, const Tensor& weight, Tensor& gradient);

} // namespace stair
