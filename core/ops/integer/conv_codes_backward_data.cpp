#include "core/base/assert.h"
#include "core/ops/integer/conv_codes_backward.h"
#include "core/ops/integer/short_codes.h"
#include "core/ops/reference/ref_integer_backward.h"
#include "core/ops/simd/pair_kernels.h"

#include <vector>

namespace stair {

namespace {

/// The gradient of whole lines of the source, each gathered from the output lines that read it.
class DataGradient
{
public:
    DataGradient(const ConvGeometry& g, const Codes& dDst, const Codes& weight, const Shape& src,
                 BufferPool& pool)
        : m_geometry(g)
        , m_src(src)
        , m_dst(dDst.shape())
        , m_in(g.inC / g.groups)
        , m_out(g.outC / g.groups)
        , m_evenOut((m_out + 1) / 2 * 2)
        , m_depthwise(isDepthwise(g))
        , m_gradient(m_depthwise ? widened(dDst, pool) : evenGroups(dDst, pool))
        , m_weight(m_depthwise ? channelsLast(weight, pool) : outputPairs(weight, pool))
    {
    }

    void run(float scale, Tensor& dSrc) const
    {
        const std::int64_t lines = std::int64_t(m_src.n) * m_src.h;
        const std::int64_t width = std::int64_t(m_src.w) * m_src.c;
#pragma omp parallel for schedule(static)
        for (std::int64_t line = 0; line < lines; ++line) {
            float* to = dSrc.data() + line * width;
            std::fill(to, to + width, 0.0f);
            for (int first = 0; first < m_out; first += chunkChannels(m_geometry))
                addChunk(int(line / m_src.h), int(line % m_src.h), first, to);
            for (std::int64_t i = 0; i < width; ++i)
                to[i] *= scale;
        }
    }

private:
    /// The gradient as shorts, an even number of channels in each group.
    Shorts evenGroups(const Codes& dDst, BufferPool& pool) const
    {
        const std::int64_t rows = m_dst.rows();
        Shorts even(rows * m_geometry.groups * m_evenOut, pool);
        const auto* from = reinterpret_cast<const std::int8_t*>(dDst.data());
        std::int16_t* to = even.data();
#pragma omp parallel for schedule(static)
        for (std::int64_t i = 0; i < rows * m_geometry.groups; ++i) {
            for (int o = 0; o < m_out; ++o)
                to[i * m_evenOut + o] = from[i * m_out + o];
        }
        return even;
    }

    /// [kernel element][group][pair of output channels][input channel][of the pair]
    Shorts outputPairs(const Codes& weight, BufferPool& pool) const
    {
        const int taps = m_geometry.kernelH * m_geometry.kernelW;
        Shorts pairs(std::int64_t(taps) * m_geometry.groups * m_evenOut * m_in, pool);
        for (int o = 0; o < m_geometry.outC; ++o) {
            for (int tap = 0; tap < taps; ++tap) {
                std::int16_t* to
                    = pairs.data() + weightOffset(tap, o / m_out, o % m_out) + o % m_out % 2;
                for (int i = 0; i < m_in; ++i)
                    to[2 * i] = std::int16_t(weight.at((std::int64_t(o) * taps + tap) * m_in + i));
            }
        }
        return pairs;
    }

    std::int64_t weightOffset(int tap, int group, int out) const
    {
        return (std::int64_t(tap) * m_geometry.groups + group) * m_evenOut * m_in
            + std::int64_t(out / 2) * 2 * m_in;
    }

    /// [kernel element][channel]
    Shorts channelsLast(const Codes& weight, BufferPool& pool) const
    {
        const int taps = m_geometry.kernelH * m_geometry.kernelW;
        Shorts channels(weight.size(), pool);
        for (int c = 0; c < m_geometry.outC; ++c) {
            for (int tap = 0; tap < taps; ++tap)
                channels.data()[std::int64_t(tap) * m_geometry.outC + c]
                    = std::int16_t(weight.at(std::int64_t(c) * taps + tap));
        }
        return channels;
    }

    /// The output row or column that reads `at` through kernel element k; -1 if there is none.
    int readerOf(int at, int pad, int k, int size) const
    {
        const int shifted = at + pad - k * m_geometry.dilation;
        const int reader = shifted / m_geometry.stride;
        return shifted >= 0 && shifted % m_geometry.stride == 0 && reader < size ? reader : -1;
    }

    void addChunk(int image, int sy, int firstOut, float* to) const
    {
        std::vector<std::int32_t> sums(std::size_t(m_src.w) * std::size_t(m_src.c));
        for (int ky = 0; ky < m_geometry.kernelH; ++ky) {
            const int y = readerOf(sy, m_geometry.padTop, ky, m_dst.h);
            if (y < 0)
                continue;
            const std::int64_t line = (std::int64_t(image) * m_dst.h + y) * m_dst.w;
            for (int kx = 0; kx < m_geometry.kernelW; ++kx) {
                const int tap = ky * m_geometry.kernelW + kx;
                if (m_depthwise)
                    addDepthwise(line, kx, tap, sums.data());
                else
                    addDense(line, kx, tap, firstOut, sums.data());
            }
        }
        for (std::size_t i = 0; i < sums.size(); ++i)
            to[i] += float(sums[i]);
    }

    void addDense(std::int64_t line, int kx, int tap, int firstOut, std::int32_t* sums) const
    {
        const int channels = std::min(chunkChannels(m_geometry), m_out - firstOut);
        thread_local std::vector<tile::PairRow> rows;
        for (int group = 0; group < m_geometry.groups; ++group) {
            rows.clear();
            for (int sx = 0; sx < m_src.w; ++sx) {
                const int x = readerOf(sx, m_geometry.padLeft, kx, m_dst.w);
                if (x < 0)
                    continue;
                const std::int64_t place = (line + x) * m_geometry.groups + group;
                rows.push_back({m_gradient.data() + place * m_evenOut + firstOut,
                                sums + std::int64_t(sx) * m_src.c + group * m_in});
            }
            tile::addPairProducts(
                rows.data(), rows.size(), m_weight.data() + weightOffset(tap, group, firstOut),
                std::size_t(m_in) * 2, std::size_t((channels + 1) / 2), std::size_t(m_in));
        }
    }

    void addDepthwise(std::int64_t line, int kx, int tap, std::int32_t* sums) const
    {
        for (int sx = 0; sx < m_src.w; ++sx) {
            const int x = readerOf(sx, m_geometry.padLeft, kx, m_dst.w);
            if (x >= 0)
                tile::addShortProducts(m_gradient.data() + (line + x) * m_src.c,
                                       m_weight.data() + std::int64_t(tap) * m_src.c,
                                       sums + std::int64_t(sx) * m_src.c, std::size_t(m_src.c));
        }
    }

    ConvGeometry m_geometry;
    Shape m_src;
    Shape m_dst;
    int m_in; // of a group
    int m_out;
    int m_evenOut;
    bool m_depthwise;
    Shorts m_gradient;
    Shorts m_weight;
};

} // namespace

void convCodesBackwardData(Runtime& runtime, const ConvGeometry& g, const Codes& dDst,
                           const Codes& weight, float scale, Tensor& dSrc)
{
    require(dDst.grid().isSigned && dDst.shape() == g.outputShape(dSrc.shape()),
            "convCodesBackwardData: the gradient is s8 codes of the output's shape");
    require(weight.grid().isSigned && weight.shape() == g.weightShape(),
            "convCodesBackwardData: weights are s8 codes of the geometry's shape");
    if (runtime.kernels() == Kernels::Reference)
        refConvCodesBackwardData(g, dDst, weight, scale, dSrc);
    else
        DataGradient(g, dDst, weight, dSrc.shape(), runtime.pool()).run(scale, dSrc);
}

} // namespace stair
