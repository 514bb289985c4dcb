#include "core/ops/geometry.h"

#include "core/base/error.h"

namespace stair {

namespace {

/// Positions of a window of `extent` pixels moved by `stride`; 0 or less when it does not fit.
int positions(int size, int padding, int extent, int stride)
{
    return size + padding < extent ? 0 : (size + padding - extent) / stride + 1;
}

} // namespace

Shape ConvGeometry::outputShape(const Shape& src) const
{
    if (src.c != inC)
        throw Error(concat("[conv] weight has ", inC, " input channels, src has ", src.c));
    const int extentH = (kernelH - 1) * dilation + 1;
    const int extentW = (kernelW - 1) * dilation + 1;
    const Shape dst{src.n, positions(src.h, padTop + padBottom, extentH, stride),
                    positions(src.w, padLeft + padRight, extentW, stride), outC};
    if (dst.h < 1 || dst.w < 1)
        throw Error(concat("[conv] a ", extentH, "x", extentW, " kernel does not fit into a ",
                           src.h, "x", src.w, " image; use larger images or a smaller network"));
    return dst;
}

ConvGeometry ConvGeometry::square(int inC, int outC, int kernel, int stride, int pad, int groups)
{
    ConvGeometry g;
    g.inC = inC;
    g.outC = outC;
    g.kernelH = g.kernelW = kernel;
    g.stride = stride;
    g.padTop = g.padLeft = g.padBottom = g.padRight = pad;
    g.groups = groups;
    return g;
}

Shape PoolGeometry::outputShape(const Shape& src) const
{
    const Shape dst{src.n, positions(src.h, 2 * pad, kernel, stride),
                    positions(src.w, 2 * pad, kernel, stride), src.c};
    if (dst.h < 1 || dst.w < 1)
        throw Error(concat("[pool] a ", kernel, "x", kernel, " window does not fit into a ", src.h,
                           "x", src.w, " image; use larger images or a smaller network"));
    return dst;
}

Shape ShortcutGeometry::outputShape(const Shape& src) const
{
    if (outC < src.c)
        throw Error(concat("[shortcut] cannot shrink ", src.c, " channels to ", outC,
                           "; use a shortcut with a convolution"));
    return {src.n, (src.h - 1) / stride + 1, (src.w - 1) / stride + 1, outC};
}

Shape SliceGeometry::outputShape(const Shape& src) const
{
    if (first < 0 || channels < 1 || channels > src.c - first)
        throw Error(concat("[slice] there are no channels ", first, " to ",
                           std::int64_t(first) + channels - 1, " among ", src.c));
    return {src.n, src.h, src.w, channels};
}

Shape ShuffleGeometry::outputShape(const Shape& src) const
{
    if (groups < 1 || src.c % groups != 0)
        throw Error(concat("[shuffle] ", groups, " groups do not divide ", src.c, " channels"));
    return src;
}

} // namespace stair
