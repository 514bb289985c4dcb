#pragma once

#include "core/data/datasets.h"

#include <cstdint>
#include <span>

namespace stair {

/// Ten classes of figures and patterns drawn by the program itself, in colour, so that the first
/// experiment needs no download. The help says what each parameter does.
DatasetInfo proceduralInfo();

/// Draws image `index` of a split (0 training, 1 test) into size x size x 3 bytes and returns its
/// class. Depends on the arguments alone, to the bit and on every machine: the drawing uses only
/// the operations that IEEE 754 rounds exactly. Classes are balanced in every ten images.
int drawProcedural(std::uint64_t seed, int split, std::uint32_t index, int size, float difficulty,
                   std::span<std::uint8_t> pixels);

} // namespace stair
