#include "core/base/assert.h"
#include "core/ops/integer/conv_codes_backward.h"
#include "core/ops/integer/short_codes.h"
#include "core/ops/reference/ref_integer_backward.h"
#include "core/ops/simd/pair_kernels.h"

#include <vector>

namespace stair {

namespace {

constexpr int longestSegment = 1024; // pixels
constexpr int rowsAtOnce = 8; // input channels

/// Where output pixels read nothing but their own source pixel all lines are one.
Shape joined(const ConvGeometry& g, const Shape& shape)
{
    const bool isPointwise = g.kernelH == 1 && g.kernelW == 1 && g.stride == 1 && g.padTop == 0
        && g.padLeft == 0 && g.padBottom == 0 && g.padRight == 0;
    return isPointwise ? Shape{1, 1, int(shape.rows()), shape.c} : shape;
}

/// A run of output pixels in one line and one chunk, summed pair by pair.
struct Segment
{
    int image, y, x, count;
    std::int64_t firstPair;
    std::int64_t chunk;

    int pairs() const { return (count + 1) / 2; }
};

std::vector<Segment> segmentsOf(const Shape& dst)
{
    std::vector<Segment> segments;
    std::int64_t pixel = 0, pair = 0;
    for (int image = 0; image < dst.n; ++image) {
        for (int y = 0; y < dst.h; ++y) {
            for (int x = 0; x < dst.w; x += segments.back().count) {
                const std::int64_t left = chunkTerms - pixel % chunkTerms;
                const int count
                    = int(std::min({std::int64_t(dst.w - x), left, std::int64_t(longestSegment)}));
                segments.push_back({image, y, x, count, pair, pixel / chunkTerms});
                pair += segments.back().pairs();
                pixel += count;
            }
        }
    }
    return segments;
}

/// The source channel by channel with its zero border, 16 bits a code. The columns that one kernel
/// column reads lie next to each other, whatever the stride.
class Planes
{
public:
    Planes(const ConvGeometry& g, const Codes& codes, const Shape& src, const Shape& dst,
           BufferPool& pool)
        : m_geometry(g)
        , m_height((dst.h - 1) * g.stride + (g.kernelH - 1) * g.dilation + 1)
        , m_phaseWidth(dst.w + (g.kernelW - 1) * g.dilation / g.stride + 1)
        , m_width(m_phaseWidth * g.stride)
        , m_codes(std::int64_t(src.n) * g.inC * m_height * m_width, pool)
    {
        withType(codes, [&](const auto* from) { fill(from, src); });
    }

    /// What output pixels (y, x), (y, x + 1) .. multiply with kernel element (ky, kx).
    const std::int16_t* line(int image, int channel, int y, int x, int ky, int kx) const
    {
        const int row = y * m_geometry.stride + ky * m_geometry.dilation;
        const int column = kx * m_geometry.dilation;
        return m_codes.data() + lineStart(image, channel, row) + placeOf(column) + x;
    }

private:
    std::int64_t lineStart(int image, int channel, int row) const
    {
        return ((std::int64_t(image) * m_geometry.inC + channel) * m_height + row) * m_width;
    }

    int placeOf(int column) const
    {
        return column % m_geometry.stride * m_phaseWidth + column / m_geometry.stride;
    }

    template<typename Code>
    void fill(const Code* codes, const Shape& src)
    {
        constexpr int columnsAtOnce = 64;
        const int rows = std::clamp(m_height - m_geometry.padTop, 0, src.h);
        const int columns = std::clamp(m_width - m_geometry.padLeft, 0, src.w);
        const int blocks = (columns + columnsAtOnce - 1) / columnsAtOnce;
        const std::int64_t tasks = std::int64_t(src.n) * rows * blocks;
#pragma omp parallel for schedule(static)
        for (std::int64_t i = 0; i < tasks; ++i) {
            const int y = int(i / blocks % rows);
            const int image = int(i / blocks / rows);
            const int first = int(i % blocks) * columnsAtOnce;
            const Code* line = codes + (std::int64_t(image) * src.h + y) * src.w * src.c;
            std::int16_t* to = m_codes.data() + lineStart(image, 0, y + m_geometry.padTop);
            for (int x = first; x < std::min(first + columnsAtOnce, columns); ++x)
                scatter(line + std::int64_t(x) * src.c, to + placeOf(x + m_geometry.padLeft));
        }
    }

    /// One pixel's channels to their planes.
    template<typename Code>
    void scatter(const Code* pixel, std::int16_t* to) const
    {
        const std::int64_t planeSize = std::int64_t(m_height) * m_width;
        for (int c = 0; c < m_geometry.inC; ++c)
            to[c * planeSize] = std::int16_t(pixel[c]);
    }

    ConvGeometry m_geometry;
    int m_height;
    int m_phaseWidth;
    int m_width;
    Shorts m_codes;
};

/// The output's gradient with the two pixels of a pair next to each other, channel by channel.
Shorts pairPixels(const Codes& dDst, const Shape& shape, const std::vector<Segment>& segments,
                  BufferPool& pool)
{
    const Segment& last = segments.back();
    Shorts pairs((last.firstPair + last.pairs()) * 2 * shape.c, pool);
    const auto* codes = reinterpret_cast<const std::int8_t*>(dDst.data());
    const std::int64_t count = std::int64_t(segments.size());
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < count; ++i) {
        const Segment& s = segments[std::size_t(i)];
        const std::int64_t pixel = (std::int64_t(s.image) * shape.h + s.y) * shape.w + s.x;
        for (int p = 0; p < s.count; ++p) {
            const std::int8_t* from = codes + (pixel + p) * shape.c;
            std::int16_t* to = pairs.data() + (s.firstPair + p / 2) * 2 * shape.c + p % 2;
            for (int c = 0; c < shape.c; ++c)
                to[2 * c] = from[c];
        }
    }
    return pairs;
}

/// Sums of one chunk in integers, and the f32 totals of the chunks before it.
struct ChunkedSums
{
    explicit ChunkedSums(int size)
        : sums(std::size_t(size))
        , totals(std::size_t(size))
    {
    }
    void endChunk()
    {
        for (std::size_t i = 0; i < sums.size(); ++i) {
            totals[i] += float(sums[i]);
            sums[i] = 0;
        }
    }
    std::vector<std::int32_t> sums;
    std::vector<float> totals;
};

/// The transposed gradient, dW^T = X^T * G: a block of a group's input channels by its output
/// channels, for one row of the kernel. Blocks are shared out among the threads.
class DenseWeights
{
public:
    DenseWeights(const ConvGeometry& g, const Codes& src, const Codes& dDst, BufferPool& pool)
        : m_geometry(g)
        , m_in(g.inC / g.groups)
        , m_out(g.outC / g.groups)
        , m_segments(segmentsOf(joined(g, dDst.shape())))
        , m_planes(g, src, joined(g, src.shape()), joined(g, dDst.shape()), pool)
        , m_pairs(pairPixels(dDst, joined(g, dDst.shape()), m_segments, pool))
    {
    }

    void run(std::span<const float> scales, Tensor& dWeight) const
    {
        const int blocks = (m_in + rowsAtOnce - 1) / rowsAtOnce;
        const int tasks = m_geometry.groups * blocks * m_geometry.kernelH;
#pragma omp parallel for schedule(dynamic)
        for (int task = 0; task < tasks; ++task) {
            const int ky = task % m_geometry.kernelH;
            const int block = task / m_geometry.kernelH;
            runBlock(block / blocks, block % blocks * rowsAtOnce, ky, scales, dWeight);
        }
    }

private:
    void runBlock(int group, int firstIn, int ky, std::span<const float> scales,
                  Tensor& dWeight) const
    {
        const int rows = std::min(rowsAtOnce, m_in - firstIn);
        ChunkedSums block(m_geometry.kernelW * rows * m_out);
        std::int64_t chunk = 0;
        for (const Segment& segment : m_segments) {
            if (segment.chunk != chunk)
                block.endChunk();
            chunk = segment.chunk;
            const std::int16_t* gradient
                = m_pairs.data() + (segment.firstPair * m_geometry.outC + group * m_out) * 2;
            for (int kx = 0; kx < m_geometry.kernelW; ++kx) {
                tile::PairRow row[rowsAtOnce];
                for (int i = 0; i < rows; ++i)
                    row[i] = {m_planes.line(segment.image, group * m_in + firstIn + i, segment.y,
                                            segment.x, ky, kx),
                              block.sums.data() + (kx * rows + i) * m_out};
                tile::addPairProducts(row, std::size_t(rows), gradient,
                                      std::size_t(m_geometry.outC) * 2,
                                      std::size_t(segment.pairs()), std::size_t(m_out));
            }
        }
        block.endChunk();
        write(block.totals, group, firstIn, rows, ky, scales, dWeight);
    }

    void write(std::span<const float> totals, int group, int firstIn, int rows, int ky,
               std::span<const float> scales, Tensor& dWeight) const
    {
        for (int o = 0; o < m_out; ++o) {
            const int out = group * m_out + o;
            for (int kx = 0; kx < m_geometry.kernelW; ++kx) {
                float* to = dWeight.data() + firstIn
                    + ((std::int64_t(out) * m_geometry.kernelH + ky) * m_geometry.kernelW + kx)
                        * m_in;
                for (int i = 0; i < rows; ++i)
                    to[i] = totals[std::size_t((kx * rows + i) * m_out + o)]
                        * scales[std::size_t(out)];
            }
        }
    }

    ConvGeometry m_geometry;
    int m_in; // of a group
    int m_out;
    std::vector<Segment> m_segments;
    Planes m_planes;
    Shorts m_pairs;
};

/// One kernel element of a depthwise convolution, all channels at once.
void depthwiseElement(const ConvGeometry& g, const Shape& src, const Shape& dst,
                      const std::int16_t* x, const std::int16_t* gradient, int ky, int kx,
                      std::span<const float> scales, Tensor& dWeight)
{
    ChunkedSums channels(dst.c);
    const std::int64_t pixels = dst.rows();
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
        if (pixel % chunkTerms == 0)
            channels.endChunk();
        const int sx = int(pixel % dst.w) * g.stride - g.padLeft + kx * g.dilation;
        const int sy = int(pixel / dst.w % dst.h) * g.stride - g.padTop + ky * g.dilation;
        if (sx < 0 || sx >= src.w || sy < 0 || sy >= src.h)
            continue;
        const std::int64_t from = (pixel / dst.w / dst.h * src.h + sy) * src.w + sx;
        tile::addShortProducts(x + from * dst.c, gradient + pixel * dst.c, channels.sums.data(),
                               std::size_t(dst.c));
    }
    channels.endChunk();
    for (int c = 0; c < dst.c; ++c)
        dWeight.data()[(std::int64_t(c) * g.kernelH + ky) * g.kernelW + kx]
            = channels.totals[std::size_t(c)] * scales[std::size_t(c)];
}

void depthwiseWeights(const ConvGeometry& g, const Codes& src, const Codes& dDst,
                      std::span<const float> scales, BufferPool& pool, Tensor& dWeight)
{
    const Shorts x = widened(src, pool), gradient = widened(dDst, pool);
    const int elements = g.kernelH * g.kernelW;
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < elements; ++i)
        depthwiseElement(g, src.shape(), dDst.shape(), x.data(), gradient.data(), i / g.kernelW,
                         i % g.kernelW, scales, dWeight);
}

} // namespace

void convCodesBackwardWeights(Runtime& runtime, const ConvGeometry& g, const Codes& src,
                              const Codes& dDst, std::span<const float> scales, Tensor& dWeight)
{
    require(dDst.grid().isSigned && dDst.shape() == g.outputShape(src.shape()),
            "convCodesBackwardWeights: the gradient is s8 codes of the output's shape");
    require(dWeight.shape() == g.weightShape() && scales.size() == std::size_t(g.outC),
            "convCodesBackwardWeights: the result has the weight's shape, with a scale a channel");
    if (runtime.kernels() == Kernels::Reference) {
        refConvCodesBackwardWeights(g, src, dDst, scales, dWeight);
    } else if (isDepthwise(g)) {
        depthwiseWeights(g, src, dDst, scales, runtime.pool(), dWeight);
    } else {
        DenseWeights(g, src, dDst, runtime.pool()).run(scales, dWeight);
    }
}

} // namespace stair
