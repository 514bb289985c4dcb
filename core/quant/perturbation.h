#pragma once

#include "core/quant/quantizer.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>

namespace stair {

/// Sums over the elements of a quantized tensor: g its gradient in grid units (dL/dx^ times
/// levelStep()), v the direction it was displaced in.
struct GradientSums
{
    double along = 0; // v g
    double sum = 0; // g
    double square = 0; // g^2
    std::int64_t count = 0;

    GradientSums& operator+=(const GradientSums& other);
};

/// Moves quantized tensors a little and gathers the gradients found there: finite differences for
/// second derivatives. x^ + size * levelStep * v, size in levels and of either sign. Functions that
/// are const may be called from several threads. Quantizers that are no targets are left alone.
class Perturbation
{
public:
    /// Writes v for the elements from `first` on of the quantizer's tensor; from several threads.
    using Direction = std::function<void(const Quantizer&, std::int64_t first, std::span<float> v)>;

    /// The targets must stay as long as the object.
    Perturbation(std::span<Quantizer* const> targets, double size, Direction direction);

    // Activations, run by run: real values, and the gradient with respect to them.
    void displace(const Quantizer& quantizer, std::int64_t first, std::span<float> values) const;
    GradientSums measure(const Quantizer& quantizer, std::int64_t first,
                         std::span<const float> gradient) const;
    void add(const Quantizer& quantizer, const GradientSums& sums);

    // Weights (out, h, w, in), whole.
    void displaceWeights(const Quantizer& quantizer, Tensor& real) const;
    void measureWeights(const Quantizer& quantizer, const Tensor& gradient);

    /// Of a target, since construction.
    const GradientSums& sums(const Quantizer& target) const { return m_sums.at(&target); }

private:
    void displace(const Quantizer& quantizer, int channel, std::int64_t first,
                  std::span<float> values) const;
    GradientSums measure(const Quantizer& quantizer, int channel, std::int64_t first,
                         std::span<const float> gradient) const;

    std::map<const Quantizer*, GradientSums> m_sums;
    float m_size;
    Direction m_direction;
};

/// v = +-1, each sign drawn by the seed, the quantizer's random stream and the element's index
/// alone (Rademacher vectors).
Perturbation::Direction rademacher(std::uint64_t seed);

} // namespace stair
