#pragma once

#include "core/tensor/codes.h"

#include <cstdint>
#include <optional>

namespace stair {

/// How the codes of a grid are written in bits: code = sum over planes of factor(k) * digit(bit k).
struct BitCode
{
    enum class Digits
    {
        Bits, // 0 or 1: two's complement, as few bits as hold qn and qp
        Signs, // bit 0: +1, bit 1: -1; odd grids
    };

    Digits digits = Digits::Bits;
    int planes = 1;
    bool isSigned = false; // the last plane of Bits counts -2^(planes - 1)
    int greatest = 1; // code of Signs whose bits are all 0

    /// None where more than `most` planes are needed.
    static std::optional<BitCode> of(const Grid& grid, int most = 4);

    int factor(int plane) const
    {
        return isSigned && digits == Digits::Bits && plane == planes - 1 ? -(1 << plane)
                                                                         : 1 << plane;
    }

    /// The planes' bits of a code, plane 0 lowest.
    unsigned bits(int code) const
    {
        const unsigned all = (1u << planes) - 1;
        return digits == Digits::Bits ? unsigned(code) & all : unsigned(greatest - code) / 2;
    }

    int code(unsigned bits) const;

    bool operator==(const BitCode&) const = default;
};

/// A quantized tensor of at most 4 bits a code as bit planes, NHWC. A pixel is one run of 64-bit
/// words for each plane; channel c is bit c % 64 of word c / 64 in each run, bits beyond the last
/// channel are 0. No border: convolutions supply their padding. Owns its memory; move-only.
class BitPlanes
{
public:
    BitPlanes() = default;

    /// Undefined bits. Throws InternalError for a grid that needs more than 4 planes.
    BitPlanes(const Shape& shape, const Grid& grid, BufferPool& pool);

    const Shape& shape() const { return m_shape; }
    const Grid& grid() const { return m_grid; }
    const BitCode& code() const { return m_code; }
    explicit operator bool() const { return bool(m_buffer); }

    /// The same pixels in another order of dimensions; whole words of one plane may change between
    /// pixels and channels.
    bool canBe(const Shape& shape) const
    {
        return shape.c == m_shape.c
            || (m_code.planes == 1 && shape.c % 64 == 0 && m_shape.c % 64 == 0);
    }
    void reshape(const Shape& shape) { m_shape = shape; }

    int wordsPerPlane() const { return (m_shape.c + 63) / 64; }
    int wordsPerPixel() const { return m_code.planes * wordsPerPlane(); }

    /// The words of pixel (image * h + y) * w + x.
    std::uint64_t* pixel(std::int64_t row) { return words() + row * wordsPerPixel(); }
    const std::uint64_t* pixel(std::int64_t row) const { return words() + row * wordsPerPixel(); }

    /// Code of one channel of a pixel, bit by bit.
    int at(std::int64_t row, int channel) const;

private:
    std::uint64_t* words() { return reinterpret_cast<std::uint64_t*>(m_buffer.data()); }
    const std::uint64_t* words() const
    {
        return reinterpret_cast<const std::uint64_t*>(m_buffer.data());
    }

    Shape m_shape;
    Grid m_grid;
    BitCode m_code;
    Buffer m_buffer;
};

/// The codes as planes, and back. Codes lie on their grid's levels.
BitPlanes packBits(const Codes& codes, BufferPool& pool);
void unpackBits(const BitPlanes& planes, Codes& codes);

} // namespace stair
