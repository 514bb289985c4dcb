#include "core/exchange/code_packing.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"

#include <array>
#include <bit>

namespace stair {

std::vector<int> levelsOf(const Grid& grid)
{
    std::vector<int> levels;
    for (int code = grid.qn; code <= grid.qp; ++code) {
        if (grid.has(code))
            levels.push_back(code);
    }
    return levels;
}

int storedBits(const Grid& grid)
{
    return std::bit_width(levelsOf(grid).size() - 1);
}

std::int64_t packedBytes(const Grid& grid, std::int64_t codes)
{
    return (codes * storedBits(grid) + 7) / 8;
}

std::vector<std::uint8_t> packCodes(const Codes& codes)
{
    const Grid& grid = codes.grid();
    const std::vector<int> levels = levelsOf(grid);
    std::array<int, 512> numbers; // by code + 128
    numbers.fill(-1);
    for (std::size_t i = 0; i < levels.size(); ++i)
        numbers[std::size_t(levels[i] + 128)] = int(i);

    const int bits = storedBits(grid);
    std::vector<std::uint8_t> packed(std::size_t(packedBytes(grid, codes.size())), 0);
    for (std::int64_t i = 0; i < codes.size(); ++i) {
        const int number = numbers[std::size_t(codes.at(i) + 128)];
        require(number >= 0, "codes are levels of their grid");
        const std::int64_t bit = i * bits;
        const unsigned shifted = unsigned(number) << (bit % 8);
        packed[std::size_t(bit / 8)] |= std::uint8_t(shifted);
        if (shifted > 255)
            packed[std::size_t(bit / 8 + 1)] |= std::uint8_t(shifted >> 8);
    }
    return packed;
}

void unpackCodes(std::span<const std::uint8_t> packed, Codes& codes)
{
    const Grid& grid = codes.grid();
    const std::vector<int> levels = levelsOf(grid);
    if (std::int64_t(packed.size()) != packedBytes(grid, codes.size()))
        throw Error(concat(codes.size(), " packed codes take ", packedBytes(grid, codes.size()),
                           " bytes, not ", packed.size()));
    const int bits = storedBits(grid);
    for (std::int64_t i = 0; i < codes.size(); ++i) {
        const std::int64_t bit = i * bits;
        unsigned window = packed[std::size_t(bit / 8)];
        if (bit % 8 + bits > 8)
            window |= unsigned(packed[std::size_t(bit / 8 + 1)]) << 8;
        const unsigned number = window >> (bit % 8) & ((1u << bits) - 1);
        if (number >= levels.size())
            throw Error(concat("code ", i, " is packed as level ", number, " of ", levels.size()));
        codes.data()[i] = std::uint8_t(levels[number]);
    }
}

} // namespace stair
