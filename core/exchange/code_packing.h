#pragma once

#include "core/tensor/codes.h"

#include <cstdint>
#include <span>
#include <vector>

namespace stair {

/// The grid's codes in ascending order.
std::vector<int> levelsOf(const Grid& grid);

/// Bits that the number of a level takes: 1 to 8.
int storedBits(const Grid& grid);

/// Bytes that packCodes gives for so many codes.
std::int64_t packedBytes(const Grid& grid, std::int64_t codes);

/// Each code as the number of its level, storedBits() wide, one after the other without gaps; the
/// first in the lowest bits of the first byte, the last byte filled with zeros.
std::vector<std::uint8_t> packCodes(const Codes& codes);

/// Back into `codes`, whose shape and grid say what is packed. Throws Error for a wrong number of
/// bytes and for a level that the grid has not.
void unpackCodes(std::span<const std::uint8_t> packed, Codes& codes);

} // namespace stair
