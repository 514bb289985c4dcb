#include "core/quant/transforms.h"

#include "core/ops/blocking.h"
#include "core/ops/simd/rounding_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// tanh(w), its greatest magnitude (above zero) and where that stands first.
struct Bent
{
    explicit Bent(const Tensor& weight)
        : values(weight.shape())
    {
        forEachRun(weight.size(), [&](std::int64_t first, std::size_t count) {
            tile::hyperbolicTangent(weight.data() + first, values.data() + first, count);
        });
        for (std::int64_t i = 0; i < values.size(); ++i) {
            const float magnitude = std::abs(values.data()[i]);
            if (magnitude > peak) {
                peak = magnitude;
                at = i;
            }
        }
    }

    Tensor values;
    float peak = 1e-30f;
    std::int64_t at = 0;
};

} // namespace

void TanhTransform::apply(const Tensor& weight, Tensor& transformed) const
{
    const Bent bent(weight);
    std::ranges::transform(bent.values.values(), transformed.data(),
                           [&bent](float t) { return t / bent.peak; });
}

void TanhTransform::backward(const Tensor& weight, Tensor& gradient) const
{
    const Bent bent(weight);
    const float* t = bent.values.data();
    double pull = 0; // dL/d(peak)
    for (std::int64_t i = 0; i < weight.size(); ++i)
        pull -= double(gradient.data()[i]) * double(t[i]) / (double(bent.peak) * bent.peak);
    for (std::int64_t i = 0; i < weight.size(); ++i) {
        float g = gradient.data()[i] / bent.peak;
        if (i == bent.at)
            g += float(pull) * (t[i] < 0 ? -1 : 1);
        gradient.data()[i] = g * (1 - t[i] * t[i]);
    }
}

} // namespace stair
