#pragma once

#include "core/ops/geometry.h"

#include <vector>

namespace stair {

struct OddConvolution
{
    const char* name;
    Shape src;
    ConvGeometry geometry;
};

/// Everything that a convolution kernel may get wrong, each at a size small enough for the
/// reference.
inline std::vector<OddConvolution> oddConvolutions()
{
    const auto dilated = [](ConvGeometry g, int dilation) {
        g.dilation = dilation;
        return g;
    };
    const auto padded = [](ConvGeometry g, int top, int left, int bottom, int right) {
        g.padTop = top;
        g.padLeft = left;
        g.padBottom = bottom;
        g.padRight = right;
        return g;
    };
    ConvGeometry flat = ConvGeometry::square(3, 4, 1, 1, 0);
    flat.kernelW = 5;
    return {
        {"plain 3x3", {2, 5, 6, 3}, ConvGeometry::square(3, 4, 3, 1, 1)},
        {"odd channels", {1, 4, 5, 7}, ConvGeometry::square(7, 5, 3, 1, 1)},
        {"1x1", {2, 3, 3, 5}, ConvGeometry::square(5, 3, 1)},
        {"1x1 of stride 2", {2, 5, 4, 3}, ConvGeometry::square(3, 5, 1, 2)},
        {"stride 2", {2, 7, 6, 3}, ConvGeometry::square(3, 2, 3, 2, 1)},
        {"stride 3 leaves pixels unread", {1, 8, 8, 2}, ConvGeometry::square(2, 3, 2, 3)},
        {"dilation 2", {1, 8, 7, 2}, dilated(ConvGeometry::square(2, 3, 3, 1, 2), 2)},
        {"dilation 2 and stride 2", {1, 9, 8, 2}, dilated(ConvGeometry::square(2, 3, 3, 2, 1), 2)},
        {"three groups", {2, 5, 5, 6}, ConvGeometry::square(6, 9, 3, 1, 1, 3)},
        {"depthwise", {2, 6, 5, 5}, ConvGeometry::square(5, 5, 3, 2, 1, 5)},
        {"depthwise, two outputs each", {1, 4, 4, 3}, ConvGeometry::square(3, 6, 3, 1, 1, 3)},
        {"padding of four kinds", {1, 5, 5, 2}, padded(ConvGeometry::square(2, 3, 4), 0, 1, 3, 2)},
        {"more padding than image", {1, 2, 1, 2}, ConvGeometry::square(2, 3, 5, 1, 3)},
        {"1x5 kernel", {1, 3, 7, 3}, flat},
        {"linear", {3, 1, 1, 11}, ConvGeometry::linear(11, 4)},
    };
}

} // namespace stair
