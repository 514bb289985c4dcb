#include "core/ops/pool.h"

#include "core/base/assert.h"
#include "core/ops/simd/tile_kernels.h"

#include <limits>

namespace stair {

namespace {

/// The part of a window that lies on the image.
struct Span
{
    int first;
    int last; // one past

    Span(int position, int stride, int pad, int kernel, int size)
        : first(std::max(0, position * stride - pad))
        , last(std::min(size, position * stride - pad + kernel))
    {
    }
};

/// Calls body(row of dst, image, y, x) for every output pixel, shared out among the threads.
template<typename Body>
void forEachPixel(const Shape& dst, const Body& body)
{
    const std::int64_t rows = dst.rows();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row)
        body(row, int(row / dst.w / dst.h), int(row / dst.w % dst.h), int(row % dst.w));
}

/// Without asking who won: whole vectors at a time.
template<typename T>
void maximaOf(const PoolGeometry& g, const Shape& s, const T* src, const Shape& d, T* dst)
{
    forEachPixel(d, [&](std::int64_t row, int n, int y, int x) {
        T* out = dst + row * d.c;
        const Span ys(y, g.stride, g.pad, g.kernel, s.h);
        const Span xs(x, g.stride, g.pad, g.kernel, s.w);
        if (ys.first >= ys.last || xs.first >= xs.last)
            std::fill_n(out, d.c, std::numeric_limits<T>::lowest());
        bool isFirst = true;
        for (int sy = ys.first; sy < ys.last; ++sy) {
            for (int sx = xs.first; sx < xs.last; ++sx, isFirst = false) {
                const T* in = src + ((std::int64_t(n) * s.h + sy) * s.w + sx) * s.c;
                if (isFirst)
                    std::copy_n(in, d.c, out);
                else
                    tile::greater(out, in, out, std::size_t(d.c));
            }
        }
    });
}

template<typename T>
void maxPoolOf(const PoolGeometry& g, const Shape& s, const T* src, const Shape& d, T* dst,
               Winners* winners)
{
    if (!winners) {
        maximaOf(g, s, src, d, dst);
        return;
    }
    require(g.kernel <= 15, "a maximum's winner is one byte");
    winners->resize(std::size_t(d.size()));
    forEachPixel(d, [&](std::int64_t row, int n, int y, int x) {
        T* out = dst + row * d.c;
        std::uint8_t* winner = winners->data() + row * d.c;
        std::fill_n(out, d.c, std::numeric_limits<T>::lowest());
        const Span ys(y, g.stride, g.pad, g.kernel, s.h);
        const Span xs(x, g.stride, g.pad, g.kernel, s.w);
        const int top = y * g.stride - g.pad;
        const int left = x * g.stride - g.pad;
        for (int sy = ys.first; sy < ys.last; ++sy) {
            for (int sx = xs.first; sx < xs.last; ++sx) {
                const T* in = src + ((std::int64_t(n) * s.h + sy) * s.w + sx) * s.c;
                const auto place = std::uint8_t((sy - top) * g.kernel + (sx - left));
                const bool isFirst = sy == ys.first && sx == xs.first;
                for (int c = 0; c < d.c; ++c) {
                    const bool wins = isFirst || in[c] > out[c];
                    out[c] = wins ? in[c] : out[c];
                    winner[c] = wins ? place : winner[c];
                }
            }
        }
    });
}

template<typename Sum, typename T>
void sumPoolOf(const SumWindow& w, const Shape& s, const T* src, Tensor& dst)
{
    const Shape d = dst.shape();
    forEachPixel(d, [&](std::int64_t row, int n, int y, int x) {
        thread_local std::vector<Sum> sums;
        sums.assign(std::size_t(d.c), Sum(0));
        const Span ys(y, w.stride, w.pad, w.kernelH, s.h);
        const Span xs(x, w.stride, w.pad, w.kernelW, s.w);
        for (int sy = ys.first; sy < ys.last; ++sy) {
            for (int sx = xs.first; sx < xs.last; ++sx) {
                const T* in = src + ((std::int64_t(n) * s.h + sy) * s.w + sx) * s.c;
                for (int c = 0; c < d.c; ++c)
                    sums[std::size_t(c)] += Sum(in[c]);
            }
        }
        for (int c = 0; c < d.c; ++c)
            dst.data()[row * d.c + c] = float(sums[std::size_t(c)]);
    });
}

} // namespace

void maxPool(const PoolGeometry& g, const Tensor& src, Tensor& dst, Winners* winners)
{
    maxPoolOf(g, src.shape(), src.data(), dst.shape(), dst.data(), winners);
}

void maxPool(const PoolGeometry& g, const Codes& src, Codes& dst, Winners* winners)
{
    if (src.grid().isSigned)
        maxPoolOf(g, src.shape(), reinterpret_cast<const std::int8_t*>(src.data()), dst.shape(),
                  reinterpret_cast<std::int8_t*>(dst.data()), winners);
    else
        maxPoolOf(g, src.shape(), src.data(), dst.shape(), dst.data(), winners);
}

void maxPoolBackward(const PoolGeometry& g, const Tensor& dDst, const Winners& winners,
                     Tensor& dSrc)
{
    const Shape s = dSrc.shape();
    const Shape d = dDst.shape();
    // One thread an image: windows of one image may overlap.
#pragma omp parallel for schedule(static)
    for (int n = 0; n < s.n; ++n) {
        float* image = dSrc.data() + std::int64_t(n) * s.h * s.w * s.c;
        std::fill_n(image, std::int64_t(s.h) * s.w * s.c, 0.0f);
        for (int y = 0; y < d.h; ++y) {
            for (int x = 0; x < d.w; ++x) {
                const std::int64_t at = ((std::int64_t(n) * d.h + y) * d.w + x) * d.c;
                for (int c = 0; c < d.c; ++c) {
                    const int place = winners[std::size_t(at + c)];
                    const int sy = y * g.stride - g.pad + place / g.kernel;
                    const int sx = x * g.stride - g.pad + place % g.kernel;
                    image[(std::int64_t(sy) * s.w + sx) * s.c + c] += dDst.data()[at + c];
                }
            }
        }
    }
}

void sumPool(const SumWindow& w, const Tensor& src, Tensor& dst)
{
    sumPoolOf<float>(w, src.shape(), src.data(), dst);
}

void sumPool(const SumWindow& w, const Codes& src, Tensor& dst)
{
    if (src.grid().isSigned)
        sumPoolOf<std::int32_t>(w, src.shape(), reinterpret_cast<const std::int8_t*>(src.data()),
                                dst);
    else
        sumPoolOf<std::int32_t>(w, src.shape(), src.data(), dst);
}

void sumPoolBackward(const SumWindow& w, const Tensor& dDst, float factor, Tensor& dSrc)
{
    const Shape s = dSrc.shape();
    const Shape d = dDst.shape();
#pragma omp parallel for schedule(static)
    for (int n = 0; n < s.n; ++n) {
        float* image = dSrc.data() + std::int64_t(n) * s.h * s.w * s.c;
        std::fill_n(image, std::int64_t(s.h) * s.w * s.c, 0.0f);
        for (int y = 0; y < d.h; ++y) {
            for (int x = 0; x < d.w; ++x) {
                const float* g = dDst.data() + ((std::int64_t(n) * d.h + y) * d.w + x) * d.c;
                const Span ys(y, w.stride, w.pad, w.kernelH, s.h);
                const Span xs(x, w.stride, w.pad, w.kernelW, s.w);
                for (int sy = ys.first; sy < ys.last; ++sy) {
                    for (int sx = xs.first; sx < xs.last; ++sx) {
                        float* out = image + (std::int64_t(sy) * s.w + sx) * s.c;
                        for (int c = 0; c < s.c; ++c)
                            out[c] += g[c] * factor;
                    }
                }
            }
        }
    }
}

} // namespace stair
