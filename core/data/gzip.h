#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace stair {

/// Whether the bytes begin as a gzip stream does.
bool isGzip(std::span<const std::uint8_t> bytes);

/// Unpacks a gzip stream held in memory and checks its checksum and length. Throws
/// std::runtime_error saying what is wrong with the stream; the caller knows its name.
std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> packed);

} // namespace stair
