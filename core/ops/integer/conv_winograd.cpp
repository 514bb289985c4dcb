#include "core/ops/integer/conv_short.h"
#include "core/ops/integer/short_weights.h"
#include "core/ops/runtime.h"

#include <algorithm>

namespace stair {

namespace {

constexpr std::size_t elements = 16; // of a transformed tile
constexpr int tilesAtOnce = int(productRows);

struct KeptWinograd : KernelState
{
    ShortWeights weights;
};

/// U = (2 G) g (2 G)^T: four times the transform, so that it is whole.
void transformWeights(const int (&g)[3][3], int (&u)[4][4])
{
    int rows[4][3];
    for (int x = 0; x < 3; ++x) {
        rows[0][x] = 2 * g[0][x];
        rows[1][x] = g[0][x] + g[1][x] + g[2][x];
        rows[2][x] = g[0][x] - g[1][x] + g[2][x];
        rows[3][x] = 2 * g[2][x];
    }
    for (int y = 0; y < 4; ++y) {
        u[y][0] = 2 * rows[y][0];
        u[y][1] = rows[y][0] + rows[y][1] + rows[y][2];
        u[y][2] = rows[y][0] - rows[y][1] + rows[y][2];
        u[y][3] = 2 * rows[y][2];
    }
}

ShortWeights prepare(const ConvGeometry& g, const Codes& weight)
{
    ShortWeights weights(int(elements), g.inC, g.outC);
#pragma omp parallel for schedule(static, 16)
    for (int out = 0; out < g.outC; ++out)
        for (int in = 0; in < g.inC; ++in) {
            int taps[3][3], u[4][4];
            for (int tap = 0; tap < 9; ++tap)
                taps[tap / 3][tap % 3] = weight.at((std::int64_t(out) * 9 + tap) * g.inC + in);
            transformWeights(taps, u);
            for (int k = 0; k < int(elements); ++k)
                weights.set(std::size_t(k), in, out, u[k / 4][k % 4]);
        }
    return weights;
}

/// Tiles of 2x2 output pixels, shared out in runs that go through all output channels while their
/// transforms stay in the cache.
class WinogradConvolution
{
public:
    WinogradConvolution(const ConvGeometry& g, const Codes& src, const Shape& out,
                        const ShortWeights& weights)
        : m_g(g)
        , m_src(src)
        , m_shape(src.shape())
        , m_out(out)
        , m_weights(weights)
        , m_down((out.h + 1) / 2)
        , m_across((out.w + 1) / 2)
        , m_zeros(std::size_t(g.inC), 0)
    {
    }

    std::int64_t tiles() const { return std::int64_t(m_out.n) * m_down * m_across; }

    /// A thread's transformed tiles and sums.
    struct Scratch
    {
        explicit Scratch(const WinogradConvolution& conv)
            : inputs(elements * tilesAtOnce * conv.rowSize(), 0)
            , sums(elements * tilesAtOnce * shorts::blockChannels)
        {
        }

        std::vector<std::int16_t> inputs; // [element][tile][channel]
        std::vector<std::int32_t> sums; // [element][tile][channel of a block]
    };

    void run(std::int64_t first, int count, Scratch& s, Tensor& acc) const
    {
        const std::size_t plane = tilesAtOnce * rowSize();
        for (int i = 0; i < count; ++i)
            transform(first + i, s.inputs.data() + std::size_t(i) * rowSize(), plane);
        constexpr std::size_t sumPlane = tilesAtOnce * shorts::blockChannels;
        const std::int16_t* rows[tilesAtOnce];
        for (std::size_t block = 0; block < m_weights.blocks(); ++block) {
            for (std::size_t k = 0; k < elements; ++k) {
                for (int i = 0; i < count; ++i)
                    rows[i] = s.inputs.data() + k * plane + std::size_t(i) * rowSize();
                shorts::multiply({rows, std::size_t(count), 1, rowSize(), m_weights.pairs(),
                                  m_weights.matrix(block, k)},
                                 s.sums.data() + k * sumPlane);
            }
            for (int i = 0; i < count; ++i)
                finish(first + i, block, s.sums.data() + std::size_t(i) * shorts::blockChannels,
                       sumPlane, acc);
        }
    }

private:
    struct Place
    {
        std::int64_t image;
        int y, x; // of the first output pixel
    };

    std::size_t rowSize() const { return 2 * m_weights.pairs(); }

    Place placeOf(std::int64_t tile) const
    {
        return {tile / m_across / m_down, int(tile / m_across % m_down) * 2,
                int(tile % m_across) * 2};
    }

    void transform(std::int64_t tile, std::int16_t* to, std::size_t plane) const
    {
        const Place place = placeOf(tile);
        const std::uint8_t* pixels[elements];
        for (int k = 0; k < int(elements); ++k) {
            const int y = place.y - m_g.padTop + k / 4, x = place.x - m_g.padLeft + k % 4;
            const bool isInside = y >= 0 && y < m_shape.h && x >= 0 && x < m_shape.w;
            const std::int64_t at = ((place.image * m_shape.h + y) * m_shape.w + x) * m_shape.c;
            pixels[k] = isInside ? m_src.data() + at : m_zeros.data();
        }
        shorts::transformTile(pixels, m_src.grid().isSigned, std::size_t(m_g.inC), to, plane);
    }

    void finish(std::int64_t tile, std::size_t block, const std::int32_t* sums, std::size_t plane,
                Tensor& acc) const
    {
        const Place place = placeOf(tile);
        const std::size_t first = block * shorts::blockChannels;
        const std::size_t channels = std::min(shorts::blockChannels, std::size_t(m_out.c) - first);
        float* to[4];
        for (int k = 0; k < 4; ++k) {
            const int y = place.y + k / 2, x = place.x + k % 2;
            const std::int64_t at = ((place.image * m_out.h + y) * m_out.w + x) * m_out.c;
            to[k] = y < m_out.h && x < m_out.w ? acc.data() + at + std::int64_t(first) : nullptr;
        }
        shorts::finishTile(sums, plane, channels, to);
    }

    const ConvGeometry& m_g;
    const Codes& m_src;
    Shape m_shape;
    Shape m_out;
    const ShortWeights& m_weights;
    int m_down, m_across; // tiles of an image
    std::vector<std::uint8_t> m_zeros; // a pixel of the border
};

} // namespace

bool convWinogradApplies(Runtime& runtime, const IntegerConvKey& key)
{
    const ConvGeometry& g = key.geometry;
    return !runtime.hasVnni() && g.kernelH == 3 && g.kernelW == 3 && g.stride == 1
        && g.dilation == 1 && g.groups == 1 && g.inC >= 32 && g.outC >= 32
        && 4 * key.accumulatorBound() < (std::int64_t(1) << 31) && key.srcMax() <= 255
        && key.weightMax() <= 255;
}

void convWinograd(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                  KeptWeights& kept, Tensor& acc)
{
    ShortWeights& weights = stateIn<KeptWinograd>(kept).weights;
    if (!weights)
        weights = prepare(g, weight);
    const WinogradConvolution conv(g, src, acc.shape(), weights);
    const std::int64_t tiles = conv.tiles(), threads = runtime.threads();
    const int atOnce
        = int(std::clamp<std::int64_t>((tiles + threads - 1) / threads, 1, tilesAtOnce));
    const std::int64_t runs = (tiles + atOnce - 1) / atOnce;
#pragma omp parallel
    {
        WinogradConvolution::Scratch scratch(conv);
#pragma omp for schedule(dynamic)
        for (std::int64_t i = 0; i < runs; ++i)
            conv.run(i * atOnce, int(std::min<std::int64_t>(atOnce, tiles - i * atOnce)), scratch,
                     acc);
    }
}

} // namespace stair
