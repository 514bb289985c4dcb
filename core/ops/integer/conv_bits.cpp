#include "core/ops/integer/conv_bits.h"

#include "core/base/assert.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>

namespace stair {

namespace {

constexpr int pixelsPerChunk = 32;

/// The taps [first, end) of one dimension that do not fall on padding, for each output position.
struct TapRanges
{
    struct Range
    {
        int first = 0;
        int end = 0;
        auto operator<=>(const Range&) const = default;
    };

    TapRanges(int outSize, int srcSize, int taps, int stride, int dilation, int pad)
    {
        std::map<Range, int> known;
        for (int out = 0; out < outSize; ++out) {
            const int origin = out * stride - pad;
            Range range;
            while (range.first < taps && origin + range.first * dilation < 0)
                ++range.first;
            range.end = range.first;
            while (range.end < taps && origin + range.end * dilation < srcSize)
                ++range.end;
            const auto [entry, isNew] = known.emplace(range, int(ranges.size()));
            if (isNew)
                ranges.push_back(range);
            kindOf.push_back(entry->second);
        }
    }

    std::vector<Range> ranges;
    std::vector<int> kindOf; // the range of an output position
};

/// One convolution laid out for the inner loops. What is constant in a sum goes into offsets, one
/// row for each way in which the border cuts the taps.
class BitConvolution
{
public:
    BitConvolution(const BitPlanes& src, const BitWeights& weights)
        : m_src(src)
        , m_weights(weights)
        , m_g(weights.geometry())
        , m_out(m_g.outputShape(src.shape()))
        , m_rows(m_out.h, src.shape().h, m_g.kernelH, m_g.stride, m_g.dilation, m_g.padTop)
        , m_columns(m_out.w, src.shape().w, m_g.kernelW, m_g.stride, m_g.dilation, m_g.padLeft)
        , m_zeros(std::size_t(src.wordsPerPixel()), 0)
    {
        const auto plan = BitPlan::of(src.grid(), weights.grid());
        require(plan.has_value(), "a convolution on bit planes has grids of few bits");
        m_work.mode = plan->mode;
        m_work.taps = std::size_t(weights.taps());
        m_work.words = std::size_t(weights.wordsPerPlane());
        m_work.weights = weights.words();
        m_work.blocks = weights.blocks();
        m_work.blockWords = weights.blockWords();
        addPasses();
        setOffsets();
    }

    const Shape& out() const { return m_out; }

    /// Calls body(work, first pixel) for chunks of the output's pixels, from several threads.
    template<typename Body>
    void forEachChunk(const Body& body) const
    {
        const std::int64_t all = m_out.rows();
        const std::int64_t chunks = (all + pixelsPerChunk - 1) / pixelsPerChunk;
#pragma omp parallel
        {
            Chunk chunk(m_work);
#pragma omp for schedule(dynamic)
            for (std::int64_t i = 0; i < chunks; ++i) {
                const std::int64_t first = i * pixelsPerChunk;
                gather(first, int(std::min<std::int64_t>(pixelsPerChunk, all - first)), chunk);
                body(chunk.work, first);
            }
        }
    }

private:
    /// One thread's pixels.
    struct Chunk
    {
        explicit Chunk(const bits::ConvWork& common)
            : work(common)
            , sources(pixelsPerChunk * common.taps)
        {
            work.sources = sources.data();
            work.offsets = offsets;
            work.added = added;
        }

        bits::ConvWork work;
        std::vector<const std::uint64_t*> sources;
        const std::int64_t* offsets[pixelsPerChunk] = {};
        std::int64_t added[pixelsPerChunk] = {};
    };

    bool hasSigns() const
    {
        return m_src.code().digits == BitCode::Digits::Signs;
    }
    bool isMaskedSource() const
    {
        return m_work.mode == bits::Mode::MaskedSource;
    }

    /// A product of signs is 1 - 2 x, x the counted bit, where it is not masked; a product of a bit
    /// and a sign is x less the weight's sign bit.
    void addPasses()
    {
        const bool negates = hasSigns() || isMaskedSource();
        const int planes = isMaskedSource() ? 1 : m_src.code().planes;
        for (int q = 0; q < m_weights.code().planes; ++q) {
            for (int p = 0; p < planes; ++p) {
                const int factor = m_weights.code().factor(q)
                    * (isMaskedSource() ? 1 : m_src.code().factor(p)) * (negates ? -2 : 1);
                bits::Pass pass;
                pass.sourceWord = isMaskedSource() ? 0 : std::size_t(p) * m_work.words;
                pass.weightWord = std::size_t(q) * m_weights.planeWords();
                pass.shift = std::countr_zero(unsigned(std::abs(factor)));
                pass.negative = factor < 0;
                m_work.passes.push_back(pass);
            }
        }
    }

    void setOffsets()
    {
        const std::size_t width = m_work.blocks * bits::blockChannels;
        m_offsets.assign(m_rows.ranges.size() * m_columns.ranges.size() * width, 0);
        if (isMaskedSource())
            return;
        int sourceFactors = 0;
        for (int p = 0; p < m_src.code().planes; ++p)
            sourceFactors += m_src.code().factor(p);
        std::int64_t* row = m_offsets.data();
        for (const TapRanges::Range& y : m_rows.ranges) {
            for (const TapRanges::Range& x : m_columns.ranges) {
                for (int c = 0; c < m_g.outC; ++c)
                    row[c] = std::int64_t(sourceFactors) * constantPart(y, x, c);
                row += width;
            }
        }
    }

    /// Of the sum for a source plane that counts once.
    std::int64_t constantPart(const TapRanges::Range& y, const TapRanges::Range& x,
                              int channel) const
    {
        std::int64_t sum = 0;
        for (int ky = 0; ky < m_g.kernelH; ++ky) {
            for (int kx = 0; kx < m_g.kernelW; ++kx) {
                const int tap = ky * m_g.kernelW + kx;
                const bool isInside = ky >= y.first && ky < y.end && kx >= x.first && kx < x.end;
                // Outside, source bits of 0 count the weight's sign bits, which are taken out.
                if (!hasSigns())
                    sum -= m_weights.signBits(tap, channel);
                else
                    sum += isInside ? m_weights.maskBits(tap, channel)
                                    : 2 * m_weights.signBits(tap, channel);
            }
        }
        return sum;
    }

    void gather(std::int64_t first, int count, Chunk& chunk) const
    {
        const std::size_t width = m_work.blocks * bits::blockChannels;
        chunk.work.pixels = std::size_t(count);
        int x = int(first % m_out.w), y = int(first / m_out.w % m_out.h);
        std::int64_t image = first / m_out.w / m_out.h;
        for (int i = 0; i < count; ++i) {
            const auto rowKind = std::size_t(m_rows.kindOf[std::size_t(y)]);
            const auto columnKind = std::size_t(m_columns.kindOf[std::size_t(x)]);
            const bits::TapPlaces places = bits::tapPlaces(chunk.work, std::size_t(i));
            const std::uint64_t** taps = chunk.sources.data() + places.first;
            gatherTaps(image, y, x, m_rows.ranges[rowKind], m_columns.ranges[columnKind], taps,
                       places.step);
            chunk.offsets[i]
                = m_offsets.data() + (rowKind * m_columns.ranges.size() + columnKind) * width;
            chunk.added[i] = isMaskedSource() ? countNonzero(taps, places.step) : 0;
            if (++x < m_out.w)
                continue;
            x = 0;
            if (++y < m_out.h)
                continue;
            y = 0;
            ++image;
        }
    }

    void gatherTaps(std::int64_t image, int y, int x, const TapRanges::Range& inY,
                    const TapRanges::Range& inX, const std::uint64_t** taps, std::size_t step) const
    {
        const std::size_t inside
            = std::size_t(inY.end - inY.first) * std::size_t(inX.end - inX.first);
        for (std::size_t tap = 0; inside < m_work.taps && tap < m_work.taps; ++tap)
            taps[tap * step] = m_zeros.data();
        const Shape& shape = m_src.shape();
        for (int ky = inY.first; ky < inY.end; ++ky) {
            const int sy = y * m_g.stride - m_g.padTop + ky * m_g.dilation;
            const std::int64_t row = (image * shape.h + sy) * shape.w;
            for (int kx = inX.first; kx < inX.end; ++kx) {
                const int sx = x * m_g.stride - m_g.padLeft + kx * m_g.dilation;
                taps[std::size_t(ky * m_g.kernelW + kx) * step] = m_src.pixel(row + sx);
            }
        }
    }

    /// Of the source codes under all taps, times what the weight's planes count together.
    std::int64_t countNonzero(const std::uint64_t* const* taps, std::size_t step) const
    {
        std::int64_t nonzero = 0;
        for (std::size_t tap = 0; tap < m_work.taps; ++tap)
            for (std::size_t word = 0; word < m_work.words; ++word)
                nonzero += std::popcount(taps[tap * step][word]);
        return nonzero * ((1 << m_weights.code().planes) - 1);
    }

    const BitPlanes& m_src;
    const BitWeights& m_weights;
    const ConvGeometry& m_g;
    Shape m_out;
    TapRanges m_rows;
    TapRanges m_columns;
    std::vector<std::uint64_t> m_zeros; // a pixel of padding
    std::vector<std::int64_t> m_offsets;
    bits::ConvWork m_work;
};

} // namespace

std::optional<BitPlan> BitPlan::of(const Grid& src, const Grid& weight)
{
    const auto source = BitCode::of(src);
    const auto weights = WeightCode::of(weight);
    if (!source || !weights)
        return std::nullopt;
    if (src.isTernary() && !weights->isMasked())
        return BitPlan{bits::Mode::MaskedSource, weights->planes};
    return BitPlan{weights->isMasked() ? bits::Mode::MaskedWeights : bits::Mode::Signs,
                   source->planes * weights->planes};
}

void convBits(const BitPlanes& src, const BitWeights& weights, Tensor& acc)
{
    const BitConvolution conv(src, weights);
    require(acc.shape() == conv.out(), "convBits: acc has the output's shape");
    const int channels = conv.out().c;
    conv.forEachChunk([&](const bits::ConvWork& work, std::int64_t first) {
        bits::convolve(work, acc.data() + first * channels, std::size_t(channels));
    });
}

void convBits(const BitPlanes& src, const BitWeights& weights, const BitThresholds& epilogue,
              BitPlanes& dst)
{
    const BitConvolution conv(src, weights);
    require(dst.shape() == conv.out() && dst.grid() == epilogue.dstGrid(),
            "convBits: dst has the output's shape and grid");
    const std::size_t words = std::size_t(dst.wordsPerPlane());
    const bool hasRest = std::size_t(dst.shape().c + 7) / 8 < words * sizeof(std::uint64_t);
    conv.forEachChunk([&](const bits::ConvWork& work, std::int64_t first) {
        std::uint64_t* to = dst.pixel(first);
        if (hasRest)
            std::fill_n(to, work.pixels * std::size_t(dst.wordsPerPixel()), 0);
        bits::convolve(work, epilogue.table(), to, words);
    });
}

BitThresholds::BitThresholds(const BitWeights& weights, const Grid& srcGrid,
                             std::span<const float> m, std::span<const float> b,
                             const HardRule& rule, int low, int high, const Grid& dstGrid)
    : m_dstGrid(dstGrid)
{
    const auto code = BitCode::of(dstGrid);
    require(code.has_value(), "thresholds write at most 4 bits");
    const std::vector<int> levels = levelsOf(rule, low, high);
    const std::size_t channels = std::size_t(weights.geometry().outC);
    const std::size_t blocks = weights.blocks();
    m_table.planes = std::size_t(code->planes);
    m_table.lowest = std::uint8_t(code->bits(levels.front()));
    for (std::size_t j = 1; j < levels.size(); ++j)
        m_table.flips.push_back(std::uint8_t(code->bits(levels[j]) ^ code->bits(levels[j - 1])));
    m_table.limits.assign(m_table.flips.size() * blocks * bits::blockChannels, 0);
    m_table.inverted.assign(m_table.flips.size() * blocks, 0);
    m_table.valid.assign(blocks, 0);
    const std::int64_t bound
        = weights.geometry().terms() * srcGrid.maxMagnitude() * weights.grid().maxMagnitude();
    for (std::size_t c = 0; c < channels; ++c)
        setChannel(c, blocks * bits::blockChannels,
                   thresholds(m[c], b[c], rule, low, high, -bound, bound));
}

void BitThresholds::setChannel(std::size_t channel, std::size_t channels,
                               const ChannelThresholds& at)
{
    const std::size_t block = channel / bits::blockChannels;
    const auto bit = std::uint8_t(1u << (channel % bits::blockChannels));
    m_table.valid[block] |= bit;
    m_descending.push_back(at.descending);
    for (std::size_t j = 0; j < at.at.size(); ++j) {
        // Ascending: sum > at - 1. Descending: not (sum > at).
        m_table.limits[j * channels + channel] = at.at[j] - (at.descending ? 0 : 1);
        if (at.descending)
            m_table.inverted[j * channels / bits::blockChannels + block] |= bit;
    }
}

} // namespace stair
