#include "core/ops/integer/bit_weights.h"

#include "core/base/assert.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace stair {

std::optional<WeightCode> WeightCode::of(const Grid& grid)
{
    WeightCode code;
    code.greatest = grid.qp;
    if (grid.kind == Grid::Kind::Odd) {
        code.planes = std::bit_width(unsigned(grid.qp - grid.qn) / 2);
        if (grid.qn != -grid.qp || grid.qp != (1 << code.planes) - 1)
            return std::nullopt;
    } else if (grid.isTernary()) {
        code.kind = Kind::Ternary;
    } else if (grid.kind == Grid::Kind::PowerOfTwo) {
        code.kind = Kind::Powers;
        code.planes = std::bit_width(unsigned(grid.maxMagnitude()));
    } else {
        code.kind = Kind::Bits;
        code.planes = 1 + std::bit_width(unsigned(std::max(grid.qp, -grid.qn - 1)));
    }
    return code.planes <= 4 ? std::optional(code) : std::nullopt;
}

namespace {

/// A plane's signs and masks.
struct Digits
{
    std::uint64_t signs = 0;
    std::uint64_t masks = 0;
};

/// From the planes of bits of 64 codes, `stride` words apart; `all` are the channels there are.
Digits digitsOf(const WeightCode& code, int plane, const std::uint64_t* bits, std::size_t stride,
                std::uint64_t all)
{
    const auto word = [&](int k) {
        return bits[std::size_t(k) * stride];
    };
    switch (code.kind) {
    case WeightCode::Kind::Signs:
        return {word(plane), all};
    case WeightCode::Kind::Ternary:
        return {word(1), word(0)};
    case WeightCode::Kind::Powers: {
        // The lowest bit set is the magnitude.
        std::uint64_t masks = word(plane);
        for (int k = 0; k < plane; ++k)
            masks &= ~word(k);
        return {word(code.planes) & masks, masks};
    }
    case WeightCode::Kind::Bits:
        break;
    }
    return {0, word(plane)};
}

/// Planes of bits from which digits are made.
int bitPlanesOf(const WeightCode& code)
{
    const bool hasSign
        = code.kind == WeightCode::Kind::Ternary || code.kind == WeightCode::Kind::Powers;
    return code.planes + int(hasSign);
}

} // namespace

BitWeights::BitWeights(const ConvGeometry& geometry, const Codes& weight)
    : m_geometry(geometry)
    , m_grid(weight.grid())
{
    const auto code = WeightCode::of(m_grid);
    require(code && geometry.groups == 1 && weight.shape() == geometry.weightShape(),
            "bit weights are dense and of few bits");
    m_code = *code;
    const std::size_t bytes = blocks() * blockWords() * sizeof(std::uint64_t);
    m_buffer = Buffer(bytes);
    std::memset(m_buffer.data(), 0, bytes);
    m_maskBits.resize(std::size_t(taps()) * std::size_t(geometry.outC));
    m_signBits.resize(m_maskBits.size());
    // A block of channels shares cache lines.
#pragma omp parallel for schedule(static, 8)
    for (int channel = 0; channel < geometry.outC; ++channel)
        for (int tap = 0; tap < taps(); ++tap)
            packTap(weight.data() + (std::int64_t(channel) * taps() + tap) * geometry.inC, channel,
                    tap);
}

std::size_t BitWeights::firstWord(int plane, int tap, int channel) const
{
    const std::size_t block = std::size_t(channel) / bits::blockChannels;
    const std::size_t tapWords = planeWords() / std::size_t(taps());
    return block * blockWords() + std::size_t(plane) * planeWords() + std::size_t(tap) * tapWords
        + std::size_t(channel) % bits::blockChannels;
}

void BitWeights::packTap(const std::uint8_t* codes, int channel, int tap)
{
    auto* all = reinterpret_cast<std::uint64_t*>(m_buffer.data());
    const std::size_t parts = m_code.isMasked() ? 2 : 1, count = std::size_t(wordsPerPlane());
    const int bitPlanes = bitPlanesOf(m_code), rest = m_geometry.inC % 64;
    thread_local std::vector<std::uint64_t> packed;
    packed.resize(std::size_t(bitPlanes) * count);
    bits::packPlanes(codes, std::size_t(m_geometry.inC),
                     {!m_code.isMasked(), std::uint8_t(m_code.greatest), bitPlanes}, packed.data());
    int maskBits = 0, signBits = 0;
    for (int plane = 0; plane < m_code.planes; ++plane) {
        std::uint64_t* words = all + firstWord(plane, tap, channel);
        for (std::size_t i = 0; i < count; ++i, words += parts * bits::blockChannels) {
            const bool isLast = i + 1 == count && rest > 0;
            const std::uint64_t channels = isLast ? (std::uint64_t(1) << rest) - 1 : ~0ull;
            const Digits digits = digitsOf(m_code, plane, packed.data() + i, count, channels);
            words[0] = digits.signs;
            if (m_code.isMasked())
                words[bits::blockChannels] = digits.masks;
            maskBits += m_code.factor(plane) * std::popcount(digits.masks);
            signBits += m_code.factor(plane) * std::popcount(digits.signs);
        }
    }
    m_maskBits[at(tap, channel)] = maskBits;
    m_signBits[at(tap, channel)] = signBits;
}

int BitWeights::digit(int plane, int tap, int channel, int in) const
{
    const std::size_t parts = m_code.isMasked() ? 2 : 1;
    const std::uint64_t* word = words() + firstWord(plane, tap, channel)
        + std::size_t(in / 64) * parts * bits::blockChannels;
    const bool negative = word[0] >> (in % 64) & 1;
    const bool nonzero = !m_code.isMasked() || (word[bits::blockChannels] >> (in % 64) & 1);
    return !nonzero ? 0 : negative ? -1 : 1;
}

} // namespace stair
