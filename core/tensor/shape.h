#pragma once

#include "core/base/concat.h"

#include <compare>
#include <cstdint>
#include <string>

namespace stair {

/// Dimensions of a tensor, always four, the last one contiguous. Activations are (images, height,
/// width, channels); convolution weights (output channels, height, width, input channels per
/// group); per-channel vectors (1, 1, 1, channels).
struct Shape
{
    int n = 0;
    int h = 1;
    int w = 1;
    int c = 1;

    /// Pixels over all images: the rows of the matrix view.
    std::int64_t rows() const { return std::int64_t(n) * h * w; }
    std::int64_t size() const { return rows() * c; }
    Shape withImages(int images) const { return {images, h, w, c}; }

    auto operator<=>(const Shape&) const = default;
};

inline std::string toString(const Shape& s)
{
    return concat(s.n, "x", s.h, "x", s.w, "x", s.c);
}

} // namespace stair
