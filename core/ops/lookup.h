#pragma once

#include "core/ops/blocking.h"
#include "core/tensor/shape.h"

#include <cstdint>
#include <vector>

namespace stair {

/// Bytes of images (n, h, w, c) through a table of 256 entries per channel.
template<typename T>
void lookUp(const std::uint8_t* pixels, const Shape& shape, const std::vector<T>& table, T* dst)
{
    const int channels = shape.c;
    forEachRun(shape.rows(), [&](std::int64_t first, std::size_t count) {
        std::int64_t at = first * channels;
        for (std::size_t row = 0; row < count; ++row) {
            for (int c = 0; c < channels; ++c, ++at)
                dst[at] = table[std::size_t(c) * 256 + pixels[at]];
        }
    });
}

} // namespace stair
