#pragma once

#include "core/tensor/shape.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace stair {

/// A picture file (PNG, JPEG, BMP ...) as a network's bytes, (height, width, channels) of `image`:
/// turned as its camera was held, scaled to cover the size, cut from the centre; grey for one channel,
/// RGB for three. Throws Error naming the file when it cannot be read.
std::vector<std::uint8_t> readImageFile(const std::filesystem::path& path, const Shape& image);

/// Whether the name ends like that of a picture that can be read.
bool isPictureFile(const std::filesystem::path& path);

} // namespace stair
