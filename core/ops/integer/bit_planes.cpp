#include "core/ops/integer/bit_planes.h"

#include "core/base/assert.h"
#include "core/ops/simd/bit_kernels.h"

#include <algorithm>
#include <bit>

namespace stair {

std::optional<BitCode> BitCode::of(const Grid& grid, int most)
{
    BitCode code;
    if (grid.kind == Grid::Kind::Odd) {
        code.digits = Digits::Signs;
        code.planes = std::bit_width(unsigned(grid.qp - grid.qn) / 2);
        code.greatest = grid.qp;
        // Only the whole grid is a sum of signs.
        if (grid.qp != (1 << code.planes) - 1 || grid.qn != -grid.qp)
            return std::nullopt;
    } else {
        code.isSigned = grid.qn < 0;
        const int magnitude = std::max(grid.qp, -grid.qn - 1);
        code.planes = std::max(1, int(std::bit_width(unsigned(magnitude))) + int(code.isSigned));
    }
    return code.planes <= most ? std::optional(code) : std::nullopt;
}

int BitCode::code(unsigned bits) const
{
    int sum = 0;
    for (int k = 0; k < planes; ++k) {
        const int bit = int(bits >> k & 1);
        sum += factor(k) * (digits == Digits::Bits ? bit : 1 - 2 * bit);
    }
    return sum;
}

BitPlanes::BitPlanes(const Shape& shape, const Grid& grid, BufferPool& pool)
    : m_shape(shape)
    , m_grid(grid)
{
    const auto code = BitCode::of(grid);
    require(code.has_value(), "bit planes hold at most 4 bits a code");
    m_code = *code;
    m_buffer = pool.take(std::size_t(shape.rows()) * std::size_t(wordsPerPixel())
                         * sizeof(std::uint64_t));
}

int BitPlanes::at(std::int64_t row, int channel) const
{
    unsigned bits = 0;
    for (int k = 0; k < m_code.planes; ++k) {
        const std::uint64_t word = pixel(row)[k * wordsPerPlane() + channel / 64];
        bits |= unsigned(word >> (channel % 64) & 1) << k;
    }
    return m_code.code(bits);
}

BitPlanes packBits(const Codes& codes, BufferPool& pool)
{
    BitPlanes planes(codes.shape(), codes.grid(), pool);
    const bits::PlaneSource source{planes.code().digits == BitCode::Digits::Signs,
                                   std::uint8_t(planes.code().greatest), planes.code().planes};
    const std::int64_t rows = codes.shape().rows();
    const int channels = codes.shape().c;
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row)
        bits::packPlanes(codes.data() + row * channels, std::size_t(channels), source,
                         planes.pixel(row));
    return planes;
}

void unpackBits(const BitPlanes& planes, Codes& codes)
{
    require(codes.shape() == planes.shape() && codes.grid() == planes.grid(),
            "bit planes are unpacked to their own shape and grid");
    const std::int64_t rows = codes.shape().rows();
    const int channels = codes.shape().c, words = planes.wordsPerPlane();
    std::uint8_t codeOf[16];
    for (unsigned bits = 0; bits < 16; ++bits)
        codeOf[bits] = std::uint8_t(planes.code().code(bits));
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::uint64_t* from = planes.pixel(row);
        std::uint8_t* to = codes.data() + row * channels;
        for (int c = 0; c < channels; ++c) {
            unsigned bits = 0;
            for (int k = 0; k < planes.code().planes; ++k)
                bits |= unsigned(from[k * words + c / 64] >> (c % 64) & 1) << k;
            to[c] = codeOf[bits];
        }
    }
}

} // namespace stair
