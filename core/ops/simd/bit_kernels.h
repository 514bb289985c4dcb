#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// The inner loops of convolutions on bit planes, compiled for every instruction set and chosen at
/// run time. Layouts: BitPlanes for sources, BitWeights for weights.
namespace stair::bits {

/// Output channels whose words lie side by side in prepared weights.
inline constexpr std::size_t blockChannels = 8;

/// How fast this CPU counts bits.
enum class Counting
{
    Slow,
    Bytes, // by looking up nibbles: AVX2, AVX-512
    Words, // by an instruction: AVX-512 with VPOPCNTDQ
};
Counting counting();

/// How a byte of code becomes bits: bit k of the code, or of (greatest - code) / 2.
struct PlaneSource
{
    bool signs = false;
    std::uint8_t greatest = 1;
    int planes = 1;
};

/// One pixel's codes as runs of ceil(channels / 64) words, the bits beyond the last channel 0.
void packPlanes(const std::uint8_t* codes, std::size_t channels, const PlaneSource& source,
                std::uint64_t* words);

/// Which bits are counted, for source bits a and weight bits d, both 1 for "negative".
enum class Mode
{
    Signs, // a ^ d
    MaskedWeights, // (a ^ d) & m, m the weight's nonzero bits
    MaskedSource, // (a ^ d) & m, m the source's nonzero bits: planes m, a
};

/// One count of the bits of a source plane and a weight plane: sum += count * (+-2^shift).
struct Pass
{
    std::size_t sourceWord = 0; // the plane's first word in a pixel
    std::size_t weightWord = 0; // the plane's first word in a block of weights
    int shift = 0;
    bool negative = false;
};

/// Some pixels of a convolution for all output channels:
/// sum[pixel][c] = offsets[pixel][c] + added[pixel] + what the passes count.
struct ConvWork
{
    Mode mode = Mode::Signs;
    std::vector<Pass> passes;
    std::size_t taps = 1;
    std::size_t words = 1; // of one plane of a pixel
    const std::uint64_t* weights = nullptr; // [block][plane][tap][word][d, m][blockChannels]
    std::size_t blocks = 1;
    std::size_t blockWords = 0;
    std::size_t pixels = 0;
    const std::uint64_t* const* sources = nullptr; // by tapPlaces
    const std::int64_t* const* offsets = nullptr; // [pixel], each of blocks * blockChannels
    const std::int64_t* added = nullptr; // [pixel]
};

/// Pixels whose counters are held at once.
inline constexpr std::size_t pixelsAtOnce = 4;

/// Where a pixel's taps stand among the work's sources: whole groups of pixels side by side for
/// each tap, then the others one by one.
struct TapPlaces
{
    std::size_t first;
    std::size_t step;
};

inline TapPlaces tapPlaces(const ConvWork& work, std::size_t pixel)
{
    const std::size_t inGroup = pixel % pixelsAtOnce, group = pixel - inGroup;
    if (group + pixelsAtOnce > work.pixels)
        return {pixel * work.taps, 1};
    return {group * work.taps + inGroup, pixelsAtOnce};
}

/// Writes f32(sum), `channels` a pixel.
void convolve(const ConvWork& work, float* dst, std::size_t channels);

/// Levels of an output by comparison, one row a level beyond the first: reached where
/// (sum > limit) differs from `inverted`. Bits of all levels are 0 beyond the last channel.
struct LevelTable
{
    std::vector<std::int64_t> limits; // [level][blocks * blockChannels]
    std::vector<std::uint8_t> inverted; // [level][block], a bit a channel
    std::vector<std::uint8_t> flips; // [level]: the planes whose bit changes there
    std::vector<std::uint8_t> valid; // [block]: the channels there are
    std::uint8_t lowest = 0; // the planes' bits below the first threshold
    std::size_t planes = 1;
};

/// Writes the levels' bits as planes of ceil(channels / 64) words, pixel after pixel; of the last
/// word only the bytes that have channels.
void convolve(const ConvWork& work, const LevelTable& levels, std::uint64_t* dst,
              std::size_t wordsPerPlane);

} // namespace stair::bits
