#include "core/ops/reference/ref_pool2d.h"

#include "core/base/assert.h"

#include <vector>

namespace stair {

namespace {

using Pixels = std::vector<std::int64_t>;

/// Calls visit(index in dst, indices in src of the pixels under its window, row by row).
template<typename Visit>
void forEachWindow(const PoolGeometry& g, const Shape& src, const Visit& visit)
{
    const Shape dst = g.outputShape(src);
    const auto pixelsUnder = [&](int n, int y, int x, int c) {
        Pixels pixels;
        for (int sy = y * g.stride - g.pad; sy < y * g.stride - g.pad + g.kernel; ++sy) {
            for (int sx = x * g.stride - g.pad; sx < x * g.stride - g.pad + g.kernel; ++sx) {
                if (sy >= 0 && sy < src.h && sx >= 0 && sx < src.w)
                    pixels.push_back(((std::int64_t(n) * src.h + sy) * src.w + sx) * src.c + c);
            }
        }
        return pixels;
    };
    std::int64_t index = 0;
    for (int n = 0; n < dst.n; ++n)
        for (int y = 0; y < dst.h; ++y)
            for (int x = 0; x < dst.w; ++x)
                for (int c = 0; c < dst.c; ++c)
                    visit(index++, pixelsUnder(n, y, x, c));
}

std::int64_t winner(const Tensor& src, const Pixels& pixels)
{
    std::int64_t best = pixels.front();
    for (const std::int64_t pixel : pixels) {
        if (src.data()[pixel] > src.data()[best])
            best = pixel;
    }
    return best;
}

void requireShapes(const PoolGeometry& g, const Tensor& src, const Tensor& dst)
{
    require(g.pad < g.kernel, "a pooling window covers at least one pixel");
    require(dst.shape() == g.outputShape(src.shape()), "a pool's result has its shape");
}

void requireGlobalShapes(const Tensor& src, const Tensor& dst)
{
    require(dst.shape() == Shape{src.shape().n, 1, 1, src.shape().c},
            "a global average is one pixel per image");
}

} // namespace

void refMaxPoolForward(const PoolGeometry& g, const Tensor& src, Tensor& dst)
{
    requireShapes(g, src, dst);
    forEachWindow(g, src.shape(), [&](std::int64_t i, const Pixels& pixels) {
        dst.data()[i] = src.data()[winner(src, pixels)];
    });
}

void refMaxPoolBackward(const PoolGeometry& g, const Tensor& src, const Tensor& dDst, Tensor& dSrc)
{
    requireShapes(g, dSrc, dDst);
    require(src.shape() == dSrc.shape(), "a gradient has the shape of what it belongs to");
    dSrc.fill(0);
    forEachWindow(g, src.shape(), [&](std::int64_t i, const Pixels& pixels) {
        dSrc.data()[winner(src, pixels)] += dDst.data()[i];
    });
}

void refAvgPoolForward(const PoolGeometry& g, const Tensor& src, Tensor& dst)
{
    requireShapes(g, src, dst);
    forEachWindow(g, src.shape(), [&](std::int64_t i, const Pixels& pixels) {
        double sum = 0;
        for (const std::int64_t pixel : pixels)
            sum += src.data()[pixel];
        dst.data()[i] = float(sum / (g.kernel * g.kernel));
    });
}

void refAvgPoolBackward(const PoolGeometry& g, const Tensor& dDst, Tensor& dSrc)
{
    requireShapes(g, dSrc, dDst);
    dSrc.fill(0);
    forEachWindow(g, dSrc.shape(), [&](std::int64_t i, const Pixels& pixels) {
        for (const std::int64_t pixel : pixels)
            dSrc.data()[pixel] += dDst.data()[i] / float(g.kernel * g.kernel);
    });
}

void refGlobalAvgPoolForward(const Tensor& src, Tensor& dst)
{
    requireGlobalShapes(src, dst);
    const Shape& s = src.shape();
    const int pixels = s.h * s.w;
    for (int n = 0; n < s.n; ++n) {
        for (int c = 0; c < s.c; ++c) {
            double sum = 0;
            for (int p = 0; p < pixels; ++p)
                sum += src.data()[(std::int64_t(n) * pixels + p) * s.c + c];
            dst.data()[std::int64_t(n) * s.c + c] = float(sum / pixels);
        }
    }
}

void refGlobalAvgPoolBackward(const Tensor& dDst, Tensor& dSrc)
{
    requireGlobalShapes(dSrc, dDst);
    const Shape& s = dSrc.shape();
    const int pixels = s.h * s.w;
    for (std::int64_t row = 0; row < s.rows(); ++row) {
        for (int c = 0; c < s.c; ++c)
            dSrc.data()[row * s.c + c] = dDst.data()[row / pixels * s.c + c] / float(pixels);
    }
}

} // namespace stair
