#pragma once

#include "core/ops/geometry.h"

#include <cstdint>

namespace stair {

/// The definition of a convolution: calls visit(srcIndex, weightIndex) for every product that the
/// output at (image n, row y, column x, channel out) sums, with flat NHWC and (out, kh, kw,
/// in / groups) indices. Products with padding, which is zero, are left out.
template<typename Visit>
void forEachTap(const ConvGeometry& g, const Shape& src, int n, int y, int x, int out,
                const Visit& visit)
{
    const int inPerGroup = g.inC / g.groups;
    const int firstIn = out / (g.outC / g.groups) * inPerGroup;
    for (int ky = 0; ky < g.kernelH; ++ky) {
        for (int kx = 0; kx < g.kernelW; ++kx) {
            const int sy = y * g.stride - g.padTop + ky * g.dilation;
            const int sx = x * g.stride - g.padLeft + kx * g.dilation;
            if (sy < 0 || sy >= src.h || sx < 0 || sx >= src.w)
                continue;
            const std::int64_t from
                = ((std::int64_t(n) * src.h + sy) * src.w + sx) * src.c + firstIn;
            const std::int64_t tap
                = ((std::int64_t(out) * g.kernelH + ky) * g.kernelW + kx) * inPerGroup;
            for (int in = 0; in < inPerGroup; ++in)
                visit(from + in, tap + in);
        }
    }
}

/// Calls visit(dstIndex, srcIndex, weightIndex) for every product of all outputs. The forward pass
/// and both backward passes differ in what they add alone.
template<typename Visit>
void forEachProduct(const ConvGeometry& g, const Shape& src, const Visit& visit)
{
    const Shape dst = g.outputShape(src);
    std::int64_t to = 0;
    for (int n = 0; n < dst.n; ++n) {
        for (int y = 0; y < dst.h; ++y) {
            for (int x = 0; x < dst.w; ++x) {
                for (int out = 0; out < dst.c; ++out, ++to)
                    forEachTap(g, src, n, y, x, out,
                               [&](std::int64_t from, std::int64_t tap) { visit(to, from, tap); });
            }
        }
    }
}

} // namespace stair
