#pragma once

#include "core/ops/hard_rule.h"
#include "core/tensor/grid.h"
#include "core/tensor/tensor.h"

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
    double epoch = 0; // with its fraction
    std::uint64_t seed = 1;
    std::uint64_t stream = 0; // of random numbers; the quantizer fills in its own
};

/// A run of a tensor's elements in grid units: u = x / codeStep, and q the code as a whole float.
/// On mid-rise grids both are given in cells, (u - 1) / 2, so that levels are integers everywhere.
struct Tile
{
    std::span<const float> u;
    std::span<const float> q;
    float qn = 0; // the grid's ends, in the same units
    float qp = 0;
    float step = 1; // a level's value over its u: x^ = step * q
    float codeStep = 1; // what x was divided by; differs from step for projected weights alone
    std::int64_t first = 0; // index of the run's first element in its tensor
};

// Throughout: x is real, g a gradient. The functions on tiles are elementwise, on any length, and
// must be free of state, since several threads call them at once.

/// Axis: the hard rule, the soft value that may stand for it in training, and the surrogate slope.
class Rounding
{
public:
    Rounding() = default;
    explicit Rounding(HardRule rule)
        : m_rule(std::move(rule))
    {
    }
    virtual ~Rounding() = default;

    const HardRule& rule() const { return m_rule; }

    /// Whether training sees soft() instead of the code; such a forward pass runs in f32.
    virtual bool isSoft() const { return false; }

    /// Whether soft() reads the tile's codes; where not, they may be absent.
    virtual bool softReadsCodes() const { return true; }

    /// v in units of step.
    virtual void soft(const Tile& tile, std::span<float> v) const;

    /// R'(u), multiplied into g in place. The straight-through slope is 1: nothing to do.
    virtual void applySlope(const Tile& /*tile*/, std::span<float> /*g*/) const { }

    /// Whether soft() draws at random.
    virtual bool isRandom() const { return false; }

    /// Lets ramps move on; before each step, from one thread.
    virtual void advance(const QuantContext&) { }

private:
    HardRule m_rule;
};

/// Axis: what is multiplied or added to the gradient because of the discretization error (MDE,
/// EWGS).
class Correction
{
public:
    virtual ~Correction() = default;
    virtual void apply(const Tile& tile, std::span<float> g) const = 0;

    /// A strength that training estimates again and again and checkpoints hold (one element; below
    /// 0: not yet); null where it is fixed. Written between steps by the training thread.
    virtual Tensor* lambda() { return nullptr; }
};

/// The steps of one tensor or channel: x^ = step * R(x / codeStep).
struct StepPair
{
    double step = 1;
    double codeStep = 1;

    explicit StepPair(double both)
        : step(both)
        , codeStep(both)
    {
    }
    StepPair(double step, double codeStep)
        : step(step)
        , codeStep(codeStep)
    {
    }
};

/// Axis: how the step is set and learned. An object serves one quantizer.
class StepRule
{
public:
    virtual ~StepRule() = default;

    /// The step for a tensor seen for the first time. Never 0.
    virtual StepPair initial(std::span<const float> x, const Grid& grid,
                             QuantizerKind kind) const = 0;

    /// The same for one output channel of weights, where each has its own.
    virtual StepPair initialOfChannel(std::span<const float> x, const Grid& grid) const
    {
        return initial(x, grid, QuantizerKind::Weight);
    }

    /// A step that no tensor decides (0: there is none).
    virtual double fixed(const Grid&) const { return 0; }

    /// The first step where no tensor decides that one (0: the tensor does).
    virtual double first(const Grid& grid) const { return fixed(grid); }

    /// Whether a tensor decides the code step apart from the step.
    virtual bool hasOwnCodeStep() const { return false; }

    /// Whether observe() wants the training batch of this step.
    virtual bool observes(std::int64_t /*trainingStep*/) const { return false; }

    /// Whether observe() depends on the tensor alone, not on the step before: it then runs before
    /// every use, in evaluation too (projected weights).
    virtual bool isMemoryless(QuantizerKind) const { return false; }

    /// The steps for the next forward pass given the tensor and the present step.
    virtual StepPair observe(std::span<const float> /*x*/, const Grid&, QuantizerKind, double step,
                             int /*channel*/)
    {
        return StepPair(step);
    }

    /// What the step is multiplied by when its grid gets another width: the range stays as it is.
    virtual double widthRatio(const Grid& before, const Grid& now) const
    {
        return double(before.qp) / double(now.qp);
    }

    /// Whether gradients reach the step and the optimizer moves it, weight decay applies to it, and
    /// its bounds.
    virtual bool isLearned() const { return false; }
    virtual bool decays() const { return false; }
    virtual double rateFactor() const { return 1; } // times the learning rate
    virtual double least() const { return double(1e-8f); }
    virtual double most() const { return 1e30; }

    /// Sum over a tile of g * d(x^) / d(step).
    virtual double partial(std::span<const float> /*g*/, const Tile& /*tile*/) const { return 0; }

    /// The step's gradient from the sum of all partials over `count` elements.
    virtual double finish(double sum, std::int64_t /*count*/, const Grid&, int /*channel*/)
    {
        return sum;
    }
};

/// Axis: where the gradient passes at all, as an open interval of u.
struct GradientMask
{
    enum class Kind
    {
        OpenRange, // qn < u < qp
        HalfOpenRange, // qn < u <= qp (BCGD)
        None,
        UnitInterval, // |x| <= 1
    };

    struct Bounds
    {
        float low = -std::numeric_limits<float>::infinity();
        float high = std::numeric_limits<float>::infinity();
    };

    Kind kind = Kind::OpenRange;

    Bounds bounds(const Grid& grid, float codeStep) const;
};

/// Axis: what stands before a weight's grid; sees the whole tensor.
class WeightTransform
{
public:
    virtual ~WeightTransform() = default;
    virtual void apply(const Tensor& weight, Tensor& transformed) const = 0;

    /// gradient: dL/d(transformed) on entry, dL/dw on return.
    virtual void backward(const Tensor& weight, Tensor& gradient) const = 0;
};

/// Axis: what happens to the weights around the optimizer's step. `quantized` has step * code of
/// the weights as the forward pass saw them; it is empty unless needsQuantized().
class UpdateRule
{
public:
    virtual ~UpdateRule() = default;
    virtual bool needsQuantized() const { return false; }
    virtual void beforeUpdate(Tensor& /*weight*/, const Tensor& /*quantized*/,
                              const QuantContext&) const
    {
    }
    virtual void afterUpdate(Tensor& /*weight*/) const { }
};

/// A method's choice on every axis for one tensor. All but rounding and stepRule may be null.
struct QuantizerAxes
{
    std::unique_ptr<Rounding> rounding;
    std::unique_ptr<StepRule> stepRule;
    std::unique_ptr<Correction> correction;
    GradientMask mask;
    std::unique_ptr<WeightTransform> transform;
    std::unique_ptr<UpdateRule> update;
    bool learnsOffset
        = false; // activations: the grid is Grid::shifted() by a learned offset (LSQ+)
};

} // namespace stair
