#pragma once

#include "core/base/random.h"

#include <cstdint>
#include <span>

namespace stair {

/// What is done to a training image, in this order. Acts on bytes; padding is black (byte 0), as
/// when torchvision pads before it normalises.
struct Augmentation
{
    int pad = 0; // pixels added on each side before the crop
    int cropHeight = 0; // 0: the image's own size
    int cropWidth = 0;
    bool flip = false; // left to right, every second image on average

    bool operator==(const Augmentation&) const = default;
};

/// Height and width that leave `augmentation`. Throws Error when the crop is larger than the image
/// with its padding.
struct ImageSize
{
    int height = 0;
    int width = 0;
};
ImageSize outputSize(const Augmentation& augmentation, int height, int width);

/// Augments one image (height x width x channels bytes) into `dst` of outputSize().
void augment(const Augmentation& augmentation, std::span<const std::uint8_t> src, int height,
             int width, int channels, Random& random, std::span<std::uint8_t> dst);

/// The same without chance, for evaluation: no flip, the crop from the centre.
void centreCrop(const Augmentation& augmentation, std::span<const std::uint8_t> src, int height,
                int width, int channels, std::span<std::uint8_t> dst);

} // namespace stair
