#pragma once

#include "core/tensor/shape.h"

namespace stair {

/// A convolution's dimensions. Weights are (outC, kernelH, kernelW, inC / groups). A linear layer
/// is a 1x1 convolution over a 1x1 image. Padding is real zero.
struct ConvGeometry
{
    int inC = 1;
    int outC = 1;
    int kernelH = 1;
    int kernelW = 1;
    int stride = 1;
    int dilation = 1; // 1: dense kernel
    int padTop = 0;
    int padLeft = 0;
    int padBottom = 0;
    int padRight = 0;
    int groups = 1;

    Shape weightShape() const { return {outC, kernelH, kernelW, inC / groups}; }

    /// Products summed into one output.
    std::int64_t terms() const { return std::int64_t(kernelH) * kernelW * (inC / groups); }

    /// Output for `src`; throws Error when channels do not match or the kernel does not fit.
    Shape outputShape(const Shape& src) const;

    /// What the convolution sees of a source: a linear layer reads a map as one long row an image.
    Shape seenShape(const Shape& src) const
    {
        return src.c == inC ? src : Shape{src.n, 1, 1, int(src.withImages(1).size())};
    }

    /// Square kernel with the same padding on all sides.
    static ConvGeometry square(int inC, int outC, int kernel, int stride = 1, int pad = 0,
                               int groups = 1);
    static ConvGeometry linear(int inputs, int outputs) { return square(inputs, outputs, 1); }

    auto operator<=>(const ConvGeometry&) const = default;
};

/// A pooling window over height and width. Padding never wins a maximum; an average counts it as
/// pixels of zero.
struct PoolGeometry
{
    int kernel = 2;
    int stride = 2;
    int pad = 0;

    Shape outputShape(const Shape& src) const;
    auto operator<=>(const PoolGeometry&) const = default;
};

/// A residual shortcut without weights (He et al. 2015, option A): every stride-th pixel of every
/// stride-th row, the channels first, then zero channels up to outC.
struct ShortcutGeometry
{
    int stride = 2;
    int outC = 1;

    /// Output for `src`; throws Error when outC is less than its channels.
    Shape outputShape(const Shape& src) const;
    bool operator==(const ShortcutGeometry&) const = default;
};

/// Consecutive channels of a map.
struct SliceGeometry
{
    int first = 0;
    int channels = 1;

    /// Output for `src`; throws Error when it has no such channels.
    Shape outputShape(const Shape& src) const;
    bool operator==(const SliceGeometry&) const = default;
};

/// Channels read as a matrix of `groups` rows and written column by column (Zhang et al. 2017): the
/// groups' first channels, then their second ones.
struct ShuffleGeometry
{
    int groups = 2;

    /// src's own; throws Error when the groups do not divide its channels.
    Shape outputShape(const Shape& src) const;
    bool operator==(const ShuffleGeometry&) const = default;
};

} // namespace stair
