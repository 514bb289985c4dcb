#pragma once

#include "core/quant/axes.h"
#include "core/tensor/codes.h"
#include "core/tensor/parameter.h"

#include <string>

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
    HardRule rule() const { return m_axes.rounding->rule(); }
    bool isSoft() const { return m_axes.rounding->isSoft(); }
    bool isLearned() const { return m_axes.stepRule->isLearned(); }

    /// The trained steps, shape 1 x 1 x 1 x steps.
    Parameter& parameter() { return m_step; }
    const Parameter& parameter() const { return m_step; }
    float step(int channel = 0) const { return m_step.value.data()[steps() == 1 ? 0 : channel]; }
    int steps() const { return m_step.value.shape().c; }
    bool isInitialised() const { return m_initialised; }
    void setInitialised(bool value) { m_initialised = value; }

    /// A step that nothing trains: the image's.
    void fixStep(float step);

    /// Whether this training batch's tensor must be shown to observe().
    bool wantsToObserve() const { return !m_initialised || m_axes.stepRule->observes(); }

    /// The tensor, one equal part per step. Sets the initial step, or lets the rule follow.
    void observe(std::span<const float> x);

    void advance(const QuantContext& context) { m_axes.rounding->advance(context); }

    /// Another width, the range kept: the step grows as the levels become fewer.
    void changeGrid(const Grid& grid);

    // Tiles.
    void code(std::span<const float> u, std::span<float> q) const;
    void soft(std::span<const float> u, std::span<const float> q, std::span<float> v) const;

    /// g in place: from dL/dx^ to dL/dx, by mask, slope and correction.
    void backward(std::span<const float> u, std::span<const float> q, float step,
                  std::span<float> g) const;
    double stepPartial(std::span<const float> g, std::span<const float> u,
                       std::span<const float> q) const;

    /// Sets the gradient of step `channel` from the sum of its partials over `count` elements.
    void finishStep(int channel, double sum, std::int64_t count);

private:
    QuantizerKind m_kind;
    Grid m_grid;
    QuantizerAxes m_axes;
    Parameter m_step;
    bool m_initialised = false;
};

/// Weights (out, h, w, in) as s8 codes and, where `real` is given, step * code.
void quantizeWeights(const Quantizer& quantizer, const Tensor& weight, Codes& codes, Tensor* real);

/// What a soft quantizer puts in the weights' place in training: step * soft value.
void softenWeights(const Quantizer& quantizer, const Tensor& weight, Tensor& real);

/// gradient: dL/dw^ on entry, dL/dw on return; sets the steps' gradients.
void weightsBackward(Quantizer& quantizer, const Tensor& weight, Tensor& gradient);

} // namespace stair
