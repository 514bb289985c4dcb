#include "core/ops/reference/ref_pool2d.h"

#include "core/base/assert.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace stair {

namespace {

using Pixels = std::vector<std::int64_t>;

/// Calls visit(index in dst, indices in src of the pixels under its window, row by row).
template<typename Visit>
void forEachWindow(const SumWindow& w, const Shape& src, const Shape& dst, const Visit& visit)
{
    Pixels pixels;
    const auto pixelsUnder = [&](int n, int y, int x, int c) -> const Pixels& {
        pixels.clear();
        for (int sy = y * w.stride - w.pad; sy < y * w.stride - w.pad + w.kernelH; ++sy) {
            for (int sx = x * w.stride - w.pad; sx < x * w.stride - w.pad + w.kernelW; ++sx) {
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

template<typename Visit>
void forEachWindow(const PoolGeometry& g, const Shape& src, const Visit& visit)
{
    forEachWindow({g.kernel, g.kernel, g.stride, g.pad}, src, g.outputShape(src), visit);
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

template<typename T>
void maximum(const PoolGeometry& g, const Shape& src, const T* from, T* to)
{
    forEachWindow(g, src, [&](std::int64_t i, const Pixels& pixels) {
        to[i] = pixels.empty() ? std::numeric_limits<T>::lowest() : from[pixels.front()];
        for (const std::int64_t pixel : pixels)
            to[i] = std::max(to[i], from[pixel]);
    });
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
    require(dst.shape() == g.outputShape(src.shape()), "a pool's result has its shape");
    maximum(g, src.shape(), src.data(), dst.data());
}

void refMaxPoolForward(const PoolGeometry& g, const Codes& src, Codes& dst)
{
    require(dst.shape() == g.outputShape(src.shape()) && dst.grid() == src.grid(),
            "a pool's result has its shape and grid");
    if (src.grid().isSigned)
        maximum(g, src.shape(), reinterpret_cast<const std::int8_t*>(src.data()),
                reinterpret_cast<std::int8_t*>(dst.data()));
    else
        maximum(g, src.shape(), src.data(), dst.data());
}

void refSumPoolForward(const SumWindow& w, const Tensor& src, Tensor& dst)
{
    forEachWindow(w, src.shape(), dst.shape(), [&](std::int64_t i, const Pixels& pixels) {
        float sum = 0;
        for (const std::int64_t pixel : pixels)
            sum += src.data()[pixel];
        dst.data()[i] = sum;
    });
}

void refSumPoolForward(const SumWindow& w, const Codes& src, Tensor& dst)
{
    forEachWindow(w, src.shape(), dst.shape(), [&](std::int64_t i, const Pixels& pixels) {
        std::int64_t sum = 0;
        for (const std::int64_t pixel : pixels)
            sum += src.at(pixel);
        dst.data()[i] = float(sum);
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
