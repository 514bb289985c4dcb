#include "core/ops/integer/conv_short.h"

#include "core/ops/integer/short_weights.h"
#include "core/ops/runtime.h"

#include <algorithm>

namespace stair {

namespace {

struct KeptRows : KernelState
{
    ShortWeights weights;
};

/// Where each output pixel reads nothing but its own source pixel all images are one line.
bool isPointwise(const ConvGeometry& g)
{
    return g.kernelH == 1 && g.kernelW == 1 && g.stride == 1 && g.padTop == 0 && g.padLeft == 0
        && g.padBottom == 0 && g.padRight == 0;
}

ShortWeights prepare(const ConvGeometry& g, const Codes& weight)
{
    const int run = g.kernelW * g.inC;
    ShortWeights weights(g.kernelH, run, g.outC);
#pragma omp parallel for schedule(static, 16)
    for (int out = 0; out < g.outC; ++out)
        for (int ky = 0; ky < g.kernelH; ++ky)
            for (int k = 0; k < run; ++k)
                weights.set(std::size_t(ky), k, out,
                            weight.at((std::int64_t(out) * g.kernelH + ky) * run + k));
    return weights;
}

/// Output lines of one image, with what they read.
struct Band
{
    int image, first, lines;
};

/// Bands whose source stays in the second-level cache, and enough of them for the threads.
std::vector<Band> bandsOf(const ConvGeometry& g, const Shape& out, int threads)
{
    constexpr int numbers = 131'072;
    const int pixels = std::clamp(numbers / (g.inC * g.stride * g.stride), int(productRows), 512);
    int lines = std::clamp(pixels / out.w, 1, out.h);
    while (lines > 1 && std::int64_t(out.n) * ((out.h + lines - 1) / lines) < 2 * threads)
        lines = (lines + 1) / 2;
    std::vector<Band> bands;
    for (int n = 0; n < out.n; ++n)
        for (int y = 0; y < out.h; y += lines)
            bands.push_back({n, y, std::min(lines, out.h - y)});
    return bands;
}

class ShortConvolution
{
public:
    ShortConvolution(const ConvGeometry& g, const Codes& src, const Shape& shape, const Shape& out,
                     const ShortWeights& weights)
        : m_g(g)
        , m_src(src)
        , m_shape(shape)
        , m_out(out)
        , m_weights(weights)
        , m_width((out.w - 1) * g.stride + g.kernelW)
    {
    }

    /// A thread's numbers and sums.
    struct Scratch
    {
        std::vector<std::int16_t> source;
        std::vector<const std::int16_t*> rows;
        std::vector<std::int32_t> sums;
    };

    void run(const Band& band, Scratch& scratch, Tensor& acc) const
    {
        gather(band, scratch.source);
        const std::size_t pixels = std::size_t(band.lines) * std::size_t(m_out.w);
        const std::size_t pitch = std::size_t(m_width) * std::size_t(m_g.inC);
        scratch.rows.resize(pixels);
        scratch.sums.resize(productRows * shorts::blockChannels);
        for (std::size_t i = 0; i < pixels; ++i) {
            const std::size_t y = i / std::size_t(m_out.w), x = i % std::size_t(m_out.w);
            scratch.rows[i] = scratch.source.data()
                + (y * pitch + x * std::size_t(m_g.inC)) * std::size_t(m_g.stride);
        }
        const std::size_t channels = std::size_t(m_out.c);
        float* to
            = acc.data() + (std::int64_t(band.image) * m_out.h + band.first) * m_out.w * m_out.c;
        for (std::size_t block = 0; block < m_weights.blocks(); ++block) {
            const std::size_t first = block * shorts::blockChannels;
            const std::size_t count = std::min(shorts::blockChannels, channels - first);
            for (std::size_t row = 0; row < pixels; row += productRows) {
                const std::size_t rows = std::min(productRows, pixels - row);
                shorts::multiply({scratch.rows.data() + row, rows, std::size_t(m_g.kernelH), pitch,
                                  m_weights.pairs(), m_weights.matrix(block, 0)},
                                 scratch.sums.data());
                shorts::storeFloats(scratch.sums.data(), rows, count, to + row * channels + first,
                                    channels);
            }
        }
    }

private:
    /// The band's source lines with their border, and one number that an odd run reads too far.
    void gather(const Band& band, std::vector<std::int16_t>& to) const
    {
        const int lines = (band.lines - 1) * m_g.stride + m_g.kernelH;
        const std::size_t pitch = std::size_t(m_width) * std::size_t(m_g.inC);
        to.assign(std::size_t(lines) * pitch + 1, 0);
        const int left = m_g.padLeft, count = std::min(m_shape.w, m_width - left);
        for (int line = 0; line < lines; ++line) {
            const int y = band.first * m_g.stride - m_g.padTop + line;
            if (y < 0 || y >= m_shape.h || count <= 0)
                continue;
            const std::int64_t from = (std::int64_t(band.image) * m_shape.h + y) * m_shape.w;
            shorts::widen(m_src.data() + from * m_g.inC, m_src.grid().isSigned,
                          to.data() + std::size_t(line) * pitch + std::size_t(left * m_g.inC),
                          std::size_t(count) * std::size_t(m_g.inC));
        }
    }

    const ConvGeometry& m_g;
    const Codes& m_src;
    Shape m_shape;
    Shape m_out;
    const ShortWeights& m_weights;
    int m_width; // of the lines that output pixels read
};

} // namespace

bool convShortApplies(Runtime& runtime, const IntegerConvKey& key)
{
    return !runtime.hasVnni() && key.geometry.groups == 1 && key.geometry.dilation == 1
        && key.accumulatorBound() < (std::int64_t(1) << 31);
}

void convShort(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
               KeptWeights& kept, Tensor& acc)
{
    ShortWeights& weights = stateIn<KeptRows>(kept).weights;
    if (!weights)
        weights = prepare(g, weight);
    Shape shape = src.shape(), out = acc.shape();
    if (isPointwise(g)) {
        shape = {1, int(shape.rows()), 1, g.inC};
        out = {1, int(out.rows()), 1, g.outC};
    }
    const std::vector<Band> bands = bandsOf(g, out, runtime.threads());
    const ShortConvolution conv(g, src, shape, out, weights);
    const int count = int(bands.size());
#pragma omp parallel
    {
        ShortConvolution::Scratch scratch;
#pragma omp for schedule(dynamic)
        for (int i = 0; i < count; ++i)
            conv.run(bands[std::size_t(i)], scratch, acc);
    }
}

} // namespace stair
