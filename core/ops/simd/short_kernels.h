#pragma once

#include <cstddef>
#include <cstdint>

/// Matrix products of 16-bit integers summed in 32 bits (modulo 2^32), and the transforms around
/// them, compiled for every instruction set and chosen at run time.
namespace stair::shorts {

/// Output channels whose weights lie side by side.
inline constexpr std::size_t blockChannels = 16;

/// Some rows of a product with one block of channels. A row's factors are `segments` runs of
/// 2 * pairs numbers, `pitch` apart; weights are [segment][pair][channel][2].
struct Product
{
    const std::int16_t* const* rows = nullptr; // [rowCount]
    std::size_t rowCount = 0;
    std::size_t segments = 1;
    std::size_t pitch = 0;
    std::size_t pairs = 0;
    const std::int16_t* weights = nullptr;
};

/// sums: [row][blockChannels], written whole.
void multiply(const Product& product, std::int32_t* sums);

/// dst[i] = f32(sums[i]) for `channels` of each row; rows of dst are `stride` apart.
void storeFloats(const std::int32_t* sums, std::size_t rows, std::size_t channels, float* dst,
                 std::size_t stride);

/// Bytes, int8_t when isSigned, as 16-bit integers.
void widen(const std::uint8_t* codes, bool isSigned, std::int16_t* dst, std::size_t n);

/// Lavin and Gray 2015, F(2x2, 3x3): V = B^T d B of a tile of 4x4 pixels, whose codes `pixels` points
/// at row by row. Element k of V goes to dst + k * stride.
void transformTile(const std::uint8_t* const* pixels, bool isSigned, std::size_t channels,
                   std::int16_t* dst, std::size_t stride);

/// Y = A^T M A / 4 as f32 for one tile and `channels` of a block; element k of M at sums + k * stride.
/// dst: where the 2x2 pixels' channels go, row by row; null: nowhere.
void finishTile(const std::int32_t* sums, std::size_t stride, std::size_t channels,
                float* const* dst);

} // namespace stair::shorts
