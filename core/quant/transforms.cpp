#include "core/quant/transforms.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// The greatest |tanh(w)|, above zero, and where it stands.
struct Peak
{
    float value = 1e-30f;
    std::int64_t at = 0;
};

Peak peakOf(const Tensor& weight)
{
    Peak peak;
    for (std::int64_t i = 0; i < weight.size(); ++i) {
        const float magnitude = std::abs(std::tanh(weight.data()[i]));
        if (magnitude > peak.value)
            peak = {magnitude, i};
    }
    return peak;
}

} // namespace

void TanhTransform::apply(const Tensor& weight, Tensor& transformed) const
{
    const float peak = peakOf(weight).value;
    std::ranges::transform(weight.values(), transformed.data(),
                           [peak](float w) { return std::tanh(w) / peak; });
}

void TanhTransform::backward(const Tensor& weight, Tensor& gradient) const
{
    const Peak peak = peakOf(weight);
    double pull = 0; // dL/d(peak)
    for (std::int64_t i = 0; i < weight.size(); ++i)
        pull -= double(gradient.data()[i]) * std::tanh(weight.data()[i])
            / (double(peak.value) * peak.value);
    for (std::int64_t i = 0; i < weight.size(); ++i) {
        const float t = std::tanh(weight.data()[i]);
        float g = gradient.data()[i] / peak.value;
        if (i == peak.at)
            g += float(pull) * (t < 0 ? -1 : 1);
        gradient.data()[i] = g * (1 - t * t);
    }
}

} // namespace stair
