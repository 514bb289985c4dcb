#pragma once

#include "core/base/random.h"
#include "core/tensor/tensor.h"

#include <algorithm>
#include <cmath>

namespace stair {

/// Standard normal values.
inline Tensor randomTensor(const Shape& shape, Random& random)
{
    Tensor tensor(shape);
    for (float& value : tensor.values())
        value = random.normal();
    return tensor;
}

/// A scalar loss whose gradient by y is `weights`: the sum of their products, in double.
inline double weightedSum(const Tensor& y, const Tensor& weights)
{
    double sum = 0;
    for (std::int64_t i = 0; i < y.size(); ++i)
        sum += double(y.data()[i]) * weights.data()[i];
    return sum;
}

/// Compares `gradient` with the central differences of loss() by each element of x, which loss()
/// reads: the largest distance over the largest difference. Choose a large step where the loss is
/// linear or square in x (central differences are exact there), a small one elsewhere.
template<typename Loss>
double gradientError(Tensor& x, const Tensor& gradient, float step, const Loss& loss)
{
    double distance = 0;
    double largest = 1e-30;
    for (std::int64_t i = 0; i < x.size(); ++i) {
        const float value = x.data()[i];
        const float above = value + step;
        const float below = value - step;
        x.data()[i] = above;
        const double lossAbove = loss();
        x.data()[i] = below;
        const double lossBelow = loss();
        x.data()[i] = value;
        // The step that was taken: value + step is rounded.
        const double slope = (lossAbove - lossBelow) / (double(above) - below);
        distance = std::max(distance, std::abs(slope - gradient.data()[i]));
        largest = std::max(largest, std::abs(slope));
    }
    return distance / largest;
}

} // namespace stair
