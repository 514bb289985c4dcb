#pragma once

#include "core/quant/axes.h"
#include "core/tensor/codes.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// Which of a layer's two products an output gradient enters: the weights' gradient, where each
/// output channel may have a scale of its own, or its source's, where all must share one.
enum class GradientUse
{
    Weights,
    Data
};

/// A gradient on its grid. Simulated ones have no codes.
struct QuantizedGradient
{
    Codes codes; // s8
    std::vector<float> steps; // value = step * code: one, or one a channel
    Tensor values; // in place of codes

    /// What channel c's codes are worth.
    float step(int c) const { return steps[steps.size() == 1 ? 0 : std::size_t(c)]; }
};

/// The quantized values as reals.
Tensor realValues(QuantizedGradient gradient, BufferPool& pool);

/// How the last gradient was clipped.
struct GradientClip
{
    double gaussian = 0; // share of channels with a bell-shaped distribution
    double clip = 0; // threshold over largest magnitude, mean over channels
    double dataClip = 0; // the same of the whole tensor
};

/// Axis: quantizes the gradient at one layer's output before it enters the layer's backward
/// products. Training thread only.
class GradientQuantizer
{
public:
    virtual ~GradientQuantizer() = default;

    /// Once a step, before quantize(): thresholds follow the gradient.
    virtual void observe(const Tensor& /*gradient*/) { }

    /// Forgets what the last observe() changed: the batch was not fit to learn from.
    virtual void recall() { }

    virtual QuantizedGradient quantize(const Tensor& gradient, GradientUse use,
                                       BufferPool& pool) const = 0;

    /// What a checkpoint must hold.
    virtual void forEachTensor(const std::string& /*layer*/,
                               const std::function<void(const std::string&, Tensor&)>& /*visit*/)
    {
    }

    virtual std::optional<GradientClip> lastClip() const { return {}; }

    /// Where the run is; `stream` is the layer's number.
    void advance(const QuantContext& context) { m_context = context; }
    const QuantContext& context() const { return m_context; }

private:
    QuantContext m_context;
};

/// Uniform draws in [0, 1) for the elements of a tensor: by seed, layer, step, element and use alone.
class GradientDraws
{
public:
    GradientDraws(const QuantContext& context, GradientUse use);
    float at(std::int64_t element);

private:
    std::array<std::uint32_t, 2> m_key;
    std::array<std::uint32_t, 2> m_place;
    std::array<std::uint32_t, 4> m_draws{};
    std::int64_t m_block = -1;
};

} // namespace stair
