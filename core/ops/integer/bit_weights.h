#pragma once

#include "core/ops/geometry.h"
#include "core/ops/simd/bit_kernels.h"
#include "core/tensor/codes.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace stair {

/// How the codes of a weight grid are written in planes of -1, 0 and +1: code = sum over planes of
/// factor * digit.
struct WeightCode
{
    enum class Kind
    {
        Signs, // planes of -1 and +1: odd grids
        Ternary, // one plane
        // A plane for each magnitude 1, 2, 4: power-of-two grids. For tests and the bench: three passes
        // at least, where the table of kernels takes two at most (conv_bits_kernels.cpp).
        Powers,
        Bits, // planes of 0 and 1: two's complement, the last one counting -2^(planes - 1)
    };

    Kind kind = Kind::Signs;
    int planes = 1;
    int greatest = 1; // of Signs

    /// None where more than 4 planes are needed.
    static std::optional<WeightCode> of(const Grid& grid);

    bool isMasked() const { return kind != Kind::Signs; }
    int factor(int plane) const
    {
        return kind == Kind::Bits && plane == planes - 1 ? -(1 << plane) : 1 << plane;
    }
};

/// Weights prepared for convolutions on bit planes: packed once, used by any number of calls. Owns
/// its memory. Output channels stand in blocks of 8; a block's words are in the order of reading,
/// [plane][tap][word][signs, masks][8 channels]. A sign bit is set for -1, a mask bit for what is
/// not 0; grids without 0 have no masks. Unused bits are 0.
class BitWeights
{
public:
    /// Throws InternalError for grids of more than 4 planes and for grouped geometries.
    BitWeights(const ConvGeometry& geometry, const Codes& weight);

    const ConvGeometry& geometry() const { return m_geometry; }
    const Grid& grid() const { return m_grid; }
    const WeightCode& code() const { return m_code; }
    int taps() const { return m_geometry.kernelH * m_geometry.kernelW; }
    int wordsPerPlane() const { return (m_geometry.inC + 63) / 64; }
    std::size_t blocks() const
    {
        return (std::size_t(m_geometry.outC) + bits::blockChannels - 1) / bits::blockChannels;
    }
    std::size_t planeWords() const
    {
        return std::size_t(taps()) * std::size_t(wordsPerPlane()) * (m_code.isMasked() ? 2 : 1)
            * bits::blockChannels;
    }
    std::size_t blockWords() const { return planeWords() * std::size_t(m_code.planes); }
    const std::uint64_t* words() const
    {
        return reinterpret_cast<const std::uint64_t*>(m_buffer.data());
    }

    /// Sums over the planes of factor * number of bits set, of a tap's words for one channel.
    int maskBits(int tap, int channel) const { return m_maskBits[at(tap, channel)]; }
    int signBits(int tap, int channel) const { return m_signBits[at(tap, channel)]; }

    /// -1, 0 or +1, bit by bit.
    int digit(int plane, int tap, int channel, int in) const;

private:
    std::size_t at(int tap, int channel) const
    {
        return std::size_t(tap) * std::size_t(m_geometry.outC) + std::size_t(channel);
    }
    std::size_t firstWord(int plane, int tap, int channel) const;
    void packTap(const std::uint8_t* codes, int channel, int tap);

    ConvGeometry m_geometry;
    Grid m_grid;
    WeightCode m_code;
    Buffer m_buffer;
    std::vector<int> m_maskBits, m_signBits;
};

} // namespace stair
