#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/bit_kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/bit_kernels.h"

#include "core/ops/simd/bit_count-inl.h"

#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace stair::bits::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The counters of a tile: pixels by vectors of output channels.
template<std::size_t px, std::size_t vecs>
struct Tile
{
    WordVec v[px][vecs];

    HWY_INLINE void clear()
    {
        for (std::size_t i = 0; i < px; ++i)
            for (std::size_t j = 0; j < vecs; ++j)
                v[i][j] = hn::Zero(Words());
    }
};

/// counts += bits of one or more words of a tap.
template<Mode mode, std::size_t px, std::size_t vecs>
HWY_INLINE void countWords(const std::uint64_t* const* sources, const std::uint64_t* weights,
                           std::size_t blockWords, std::size_t stride, std::size_t count,
                           Tile<px, vecs>& counts)
{
    const Words d;
    constexpr std::size_t parts = mode == Mode::MaskedWeights ? 2 : 1;
    std::size_t word = 0;
    do {
        WordVec signs[vecs], masks[vecs];
        for (std::size_t j = 0; j < vecs; ++j) {
            const std::uint64_t* from
                = weights + j / vecsPerBlock * blockWords + j % vecsPerBlock * lanes;
            signs[j] = hn::Load(d, from);
            if constexpr (mode == Mode::MaskedWeights)
                masks[j] = hn::Load(d, from + blockChannels);
        }
        for (std::size_t i = 0; i < px; ++i) {
            const auto a
                = hn::Set(d, sources[i][mode == Mode::MaskedSource ? word + stride : word]);
            for (std::size_t j = 0; j < vecs; ++j) {
                auto x = hn::Xor(a, signs[j]);
                if constexpr (mode == Mode::MaskedWeights)
                    x = hn::And(x, masks[j]);
                if constexpr (mode == Mode::MaskedSource)
                    x = hn::And(x, hn::Set(d, sources[i][word]));
                counts.v[i][j] = addBits(counts.v[i][j], x);
            }
        }
        weights += parts * blockChannels;
    } while (++word < count);
}

/// total += the bytes of counts, which start anew.
template<std::size_t px, std::size_t vecs>
HWY_INLINE void foldBytes(Tile<px, vecs>& counts, Tile<px, vecs>& total)
{
    for (std::size_t i = 0; i < px; ++i)
        for (std::size_t j = 0; j < vecs; ++j)
            total.v[i][j] = hn::Add(total.v[i][j], sumsOfBytes(counts.v[i][j]));
    counts.clear();
}

/// All taps of one pass. A function of its own so that the counters stay in registers.
template<Mode mode, std::size_t px, std::size_t vecs>
HWY_NOINLINE void countPass(const ConvWork& work, const Pass& pass, std::size_t pixel,
                            std::size_t block, Tile<px, vecs>& total)
{
    constexpr std::size_t parts = mode == Mode::MaskedWeights ? 2 : 1;
    const std::size_t tapCount = work.taps, words = work.words, blockWords = work.blockWords;
    const std::uint64_t* weights = work.weights + block * blockWords + pass.weightWord;
    // [tap][pixel of the tile]
    const std::uint64_t* const* taps = work.sources + pixel * tapCount;
    const std::uint64_t* const* const end = taps + px * tapCount;
    Tile<px, vecs> counts;
    counts.clear();
    if constexpr (countsBytes)
        total.clear();
    std::size_t steps = 0;
    do {
        const std::uint64_t* sources[px];
        for (std::size_t i = 0; i < px; ++i)
            sources[i] = taps[i] + pass.sourceWord;
        taps += px;
        if constexpr (!countsBytes) {
            countWords<mode>(sources, weights, blockWords, words, words, counts);
            weights += words * parts * blockChannels;
            continue;
        }
        for (std::size_t word = 0; word < words; word += stepsToOverflow) {
            const std::size_t count = HWY_MIN(stepsToOverflow, words - word);
            if (steps + count > stepsToOverflow) {
                foldBytes(counts, total);
                steps = 0;
            }
            countWords<mode>(sources, weights, blockWords, words, count, counts);
            weights += count * parts * blockChannels;
            steps += count;
            for (std::size_t i = 0; i < px; ++i)
                sources[i] += count;
        }
    } while (taps != end);
    if constexpr (countsBytes)
        foldBytes(counts, total);
    else
        total = counts;
}

template<std::size_t px, std::size_t vecs>
struct Totals
{
    SumVec v[px][vecs];
};

HWY_INLINE SumVec addScaled(SumVec sum, WordVec count, const Pass& pass)
{
    const auto scaled = hn::BitCast(Sums(), hn::ShiftLeftSame(count, pass.shift));
    return pass.negative ? hn::Sub(sum, scaled) : hn::Add(sum, scaled);
}

template<Mode mode, std::size_t px, std::size_t vecs>
HWY_INLINE void sumTile(const ConvWork& work, std::size_t pixel, std::size_t block,
                        Totals<px, vecs>& sums)
{
    const Sums d;
    Tile<px, vecs> counts;
    countPass<mode>(work, work.passes.front(), pixel, block, counts);
    for (std::size_t i = 0; i < px; ++i) {
        const auto added = hn::Set(d, work.added[pixel + i]);
        const std::int64_t* offsets = work.offsets[pixel + i] + block * blockChannels;
        for (std::size_t j = 0; j < vecs; ++j)
            sums.v[i][j] = addScaled(hn::Add(hn::LoadU(d, offsets + j * lanes), added),
                                     counts.v[i][j], work.passes.front());
    }
    for (std::size_t p = 1; p < work.passes.size(); ++p) {
        countPass<mode>(work, work.passes[p], pixel, block, counts);
        for (std::size_t i = 0; i < px; ++i)
            for (std::size_t j = 0; j < vecs; ++j)
                sums.v[i][j] = addScaled(sums.v[i][j], counts.v[i][j], work.passes[p]);
    }
}

/// Sums to f32, cut off at the last channel.
struct FloatWriter
{
    float* dst;
    std::size_t channels;

    template<std::size_t px, std::size_t vecs>
    HWY_INLINE void write(std::size_t pixel, std::size_t block, const Totals<px, vecs>& sums) const
    {
        const hn::Rebind<float, Words> df;
        const hn::RebindToSigned<decltype(df)> d32;
        const hn::RebindToUnsigned<decltype(df)> du32;
        for (std::size_t i = 0; i < px; ++i) {
            for (std::size_t j = 0; j < vecs; ++j) {
                const std::size_t c = block * blockChannels + j * lanes;
                const auto low = hn::TruncateTo(du32, hn::BitCast(Words(), sums.v[i][j]));
                const auto values = hn::ConvertTo(df, hn::BitCast(d32, low));
                float* to = dst + (pixel + i) * channels + c;
                if (c + lanes <= channels) {
                    hn::StoreU(values, df, to);
                    continue;
                }
                HWY_ALIGN float some[blockChannels];
                hn::Store(values, df, some);
                for (std::size_t k = 0; c + k < channels; ++k)
                    to[k] = some[k];
            }
        }
    }
};

/// Sums to levels, a byte of each plane for a block of channels.
template<bool oneBit>
struct LevelWriter
{
    const LevelTable& table;
    std::uint8_t* dst;
    std::size_t planeBytes;
    std::size_t blocks;

    HWY_INLINE std::uint8_t reached(const SumVec* sums, std::size_t level, std::size_t block) const
    {
        const Sums d;
        const std::int64_t* limits = table.limits.data() + (level * blocks + block) * blockChannels;
        std::uint8_t bits = 0;
        for (std::size_t j = 0; j < vecsPerBlock; ++j) {
            const auto above = hn::Lt(hn::LoadU(d, limits + j * lanes), sums[j]);
            std::uint8_t some[8];
            hn::StoreMaskBits(d, above, some);
            bits = std::uint8_t(bits | some[0] << (j * lanes));
        }
        return std::uint8_t(bits ^ table.inverted[level * blocks + block]);
    }

    HWY_INLINE void writeBlock(std::uint8_t* to, const SumVec* sums, std::size_t block) const
    {
        if constexpr (oneBit) {
            const std::uint8_t bits = reached(sums, 0, block);
            to[block] = std::uint8_t((bits ^ (table.lowest ? 255 : 0)) & table.valid[block]);
            return;
        }
        std::uint8_t planes[4];
        for (std::size_t k = 0; k < table.planes; ++k)
            planes[k] = table.lowest >> k & 1 ? 255 : 0;
        for (std::size_t level = 0; level < table.flips.size(); ++level) {
            const std::uint8_t bits = reached(sums, level, block);
            for (std::size_t k = 0; k < table.planes; ++k)
                planes[k] ^= table.flips[level] >> k & 1 ? bits : 0;
        }
        for (std::size_t k = 0; k < table.planes; ++k)
            to[k * planeBytes + block] = planes[k] & table.valid[block];
    }

    template<std::size_t px, std::size_t vecs>
    HWY_INLINE void write(std::size_t pixel, std::size_t block, const Totals<px, vecs>& sums) const
    {
        for (std::size_t i = 0; i < px; ++i)
            for (std::size_t j = 0; j < vecs; j += vecsPerBlock)
                writeBlock(dst + (pixel + i) * table.planes * planeBytes, sums.v[i] + j,
                           block + j / vecsPerBlock);
    }
};

template<Mode mode, std::size_t px, std::size_t blocks, class Writer>
HWY_INLINE void runTile(const ConvWork& work, std::size_t pixel, std::size_t block,
                        const Writer& writer)
{
    Totals<px, blocks * vecsPerBlock> sums;
    sumTile<mode>(work, pixel, block, sums);
    writer.write(pixel, block, sums);
}

template<Mode mode, std::size_t blocks, class Writer>
HWY_INLINE void runPixels(const ConvWork& work, std::size_t block, const Writer& writer)
{
    std::size_t pixel = 0;
    for (; pixel + pixelsAtOnce <= work.pixels; pixel += pixelsAtOnce)
        runTile<mode, pixelsAtOnce, blocks>(work, pixel, block, writer);
    for (; pixel < work.pixels; ++pixel)
        runTile<mode, 1, blocks>(work, pixel, block, writer);
}

/// All taps' words of a plane side by side, plane after plane, pixel after pixel.
void flatten(const ConvWork& work, std::size_t planes, std::vector<std::uint64_t>& flat)
{
    flat.resize(work.pixels * planes * work.taps * work.words);
    std::uint64_t* to = flat.data();
    for (std::size_t pixel = 0; pixel < work.pixels; ++pixel) {
        const TapPlaces places = tapPlaces(work, pixel);
        for (std::size_t plane = 0; plane < planes; ++plane)
            for (std::size_t tap = 0; tap < work.taps; ++tap, to += work.words)
                std::copy_n(work.sources[places.first + tap * places.step] + plane * work.words,
                            work.words, to);
    }
}

template<Mode mode, class Writer>
void runFlat(const ConvWork& work, const Writer& writer)
{
    const Sums d;
    std::size_t planes = 1;
    for (const Pass& pass : work.passes)
        planes = HWY_MAX(planes, pass.sourceWord / work.words + 1);
    thread_local std::vector<std::uint64_t> flat;
    flatten(work, planes, flat);
    const std::uint64_t* const all = flat.data();
    const std::size_t words = work.taps * work.words;
    for (std::size_t block = 0; block < work.blocks; ++block) {
        const std::uint64_t* weights = work.weights + block * work.blockWords;
        for (std::size_t pixel = 0; pixel < work.pixels; ++pixel) {
            const std::uint64_t* source = all + pixel * planes * words;
            const std::int64_t* offsets = work.offsets[pixel] + block * blockChannels;
            const auto added = hn::Set(d, work.added[pixel]);
            Totals<1, vecsPerBlock> sums;
            for (std::size_t j = 0; j < vecsPerBlock; ++j) {
                auto sum = hn::Add(hn::LoadU(d, offsets + j * lanes), added);
                for (const Pass& pass : work.passes)
                    sum = addScaled(sum,
                                    countAll<mode>(source + pass.sourceWord * work.taps,
                                                   weights + pass.weightWord + j * lanes, words),
                                    pass);
                sums.v[0][j] = sum;
            }
            writer.write(pixel, block, sums);
        }
    }
}

template<Mode mode, class Writer>
void runBlocks(const ConvWork& work, const Writer& writer)
{
    if constexpr (countsBytes && mode != Mode::MaskedSource)
        if (work.taps * work.words >= 16)
            return runFlat<mode>(work, writer);
    std::size_t block = 0;
    for (; block + blocksAtOnce <= work.blocks; block += blocksAtOnce)
        runPixels<mode, blocksAtOnce>(work, block, writer);
    for (; block < work.blocks; ++block)
        runPixels<mode, 1>(work, block, writer);
}

template<class Writer>
void run(const ConvWork& work, const Writer& writer)
{
    switch (work.mode) {
    case Mode::Signs:
        return runBlocks<Mode::Signs>(work, writer);
    case Mode::MaskedWeights:
        return runBlocks<Mode::MaskedWeights>(work, writer);
    case Mode::MaskedSource:
        return runBlocks<Mode::MaskedSource>(work, writer);
    }
}

void toFloats(const ConvWork& work, float* dst, std::size_t channels)
{
    run(work, FloatWriter{dst, channels});
}

void toLevels(const ConvWork& work, const LevelTable& levels, std::uint64_t* dst,
              std::size_t wordsPerPlane)
{
    auto* bytes = reinterpret_cast<std::uint8_t*>(dst);
    const std::size_t planeBytes = wordsPerPlane * sizeof(std::uint64_t);
    if (levels.planes == 1 && levels.flips.size() == 1)
        run(work, LevelWriter<true>{levels, bytes, planeBytes, work.blocks});
    else
        run(work, LevelWriter<false>{levels, bytes, planeBytes, work.blocks});
}

Counting countingHere()
{
    return HWY_TARGET == HWY_AVX3_DL ? Counting::Words
        : countsBytes                ? Counting::Bytes
                                     : Counting::Slow;
}

} // namespace stair::bits::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::bits {

HWY_EXPORT(toFloats);
HWY_EXPORT(toLevels);
HWY_EXPORT(countingHere);

void convolve(const ConvWork& work, float* dst, std::size_t channels)
{
    HWY_DYNAMIC_DISPATCH(toFloats)(work, dst, channels);
}

void convolve(const ConvWork& work, const LevelTable& levels, std::uint64_t* dst,
              std::size_t wordsPerPlane)
{
    HWY_DYNAMIC_DISPATCH(toLevels)(work, levels, dst, wordsPerPlane);
}

Counting counting()
{
    return HWY_DYNAMIC_DISPATCH(countingHere)();
}

} // namespace stair::bits
#endif
