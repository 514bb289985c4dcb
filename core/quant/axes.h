#pragma once

#include "core/ops/hard_rule.h"
#include "core/tensor/grid.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <span>

namespace stair {

/// Whether a quantizer serves a layer's weights or a tensor between layers.
enum class QuantizerKind
{
    Weight,
    Activation
};

/// Where in a run a quantizer is called.
struct QuantContext
{
    std::int64_t step = 0;
    double progress = 0; // of the whole run, 0 to 1
};

// Throughout: x is real, u = x / step, q the code as a whole float, g a gradient. The functions on
// spans are elementwise on tiles of any length and must be free of state, since several threads
// call them at once.

/// Axis: the hard rule, the soft value that may stand for it in training, and the surrogate slope.
class Rounding
{
public:
    virtual ~Rounding() = default;

    virtual HardRule rule() const { return {}; }

    /// Whether training sees soft() instead of the code; such a forward pass runs in f32.
    virtual bool isSoft() const { return false; }
    virtual void soft(std::span<const float> u, std::span<const float> q, std::span<float> v) const;

    /// R'(u), multiplied into g in place. The straight-through slope is 1: nothing to do.
    virtual void applySlope(std::span<const float> /*u*/, std::span<const float> /*q*/,
                            std::span<float> /*g*/) const
    {
    }

    /// Lets ramps move on; before each step, from one thread.
    virtual void advance(const QuantContext&) { }
};

/// Axis: what is multiplied or added to the gradient because of the discretization error (MDE,
/// EWGS).
class Correction
{
public:
    virtual ~Correction() = default;
    virtual void apply(std::span<const float> u, std::span<const float> q,
                       std::span<float> g) const = 0;
};

/// Axis: how the step is set and learned. An object serves one quantizer.
class StepRule
{
public:
    virtual ~StepRule() = default;

    /// The step for a tensor seen for the first time (one output channel of it where steps are per
    /// channel). Never 0.
    virtual double initial(std::span<const float> x, const Grid& grid,
                           QuantizerKind kind) const = 0;

    /// Whether observe() wants every training batch; if not it is never called.
    virtual bool observes() const { return false; }

    /// The step for the next forward pass given the tensor and the present step.
    virtual double observe(std::span<const float> /*x*/, const Grid&, QuantizerKind,
                           double step) const
    {
        return step;
    }

    /// Whether gradients reach the step and the optimizer moves it.
    virtual bool isLearned() const { return false; }

    /// Sum over a tile of g * d(step * q) / d(step).
    virtual double partial(std::span<const float> /*g*/, std::span<const float> /*u*/,
                           std::span<const float> /*q*/, const Grid&) const
    {
        return 0;
    }

    /// The step's gradient from the sum of all partials over `count` elements.
    virtual double finish(double sum, std::int64_t /*count*/, const Grid&) const { return sum; }
};

/// Axis: where the gradient passes at all, as an open interval of u.
struct GradientMask
{
    enum class Kind
    {
        OpenRange, // qn < u < qp
        None,
        UnitInterval, // |x| <= 1
    };

    struct Bounds
    {
        float low = -std::numeric_limits<float>::infinity();
        float high = std::numeric_limits<float>::infinity();
    };

    Kind kind = Kind::OpenRange;

    Bounds bounds(const Grid& grid, float step) const;
};

/// A method's choice on every axis for one tensor. `correction` may be null.
struct QuantizerAxes
{
    std::unique_ptr<Rounding> rounding;
    std::unique_ptr<StepRule> stepRule;
    std::unique_ptr<Correction> correction;
    GradientMask mask;
};

} // namespace stair
