#include "core/ops/reference/ref_channels.h"

#include "core/base/assert.h"

namespace stair {

namespace {

/// Index of a channel of a pixel.
std::int64_t at(const Shape& s, std::int64_t row, int channel)
{
    return row * s.c + channel;
}

template<typename T>
void slice(const SliceGeometry& g, const T& src, T& dst)
{
    require(dst.shape() == g.outputShape(src.shape()), "a slice has its channels");
    for (std::int64_t row = 0; row < dst.shape().rows(); ++row) {
        for (int c = 0; c < g.channels; ++c)
            dst.data()[at(dst.shape(), row, c)] = src.data()[at(src.shape(), row, g.first + c)];
    }
}

template<typename T>
void shuffle(const ShuffleGeometry& g, const T& src, T& dst)
{
    require(dst.shape() == g.outputShape(src.shape()), "a shuffle keeps the shape");
    const Shape& s = src.shape();
    const int columns = s.c / g.groups;
    for (std::int64_t row = 0; row < s.rows(); ++row) {
        for (int i = 0; i < g.groups; ++i) {
            for (int j = 0; j < columns; ++j)
                dst.data()[at(s, row, j * g.groups + i)] = src.data()[at(s, row, i * columns + j)];
        }
    }
}

template<typename T>
void padShortcut(const ShortcutGeometry& g, const T& src, T& dst)
{
    const Shape& from = src.shape();
    const Shape& to = dst.shape();
    require(to == g.outputShape(from), "a shortcut has its pixels and channels");
    std::int64_t row = 0;
    for (int n = 0; n < to.n; ++n)
        for (int y = 0; y < to.h; ++y)
            for (int x = 0; x < to.w; ++x, ++row)
                for (int c = 0; c < to.c; ++c) {
                    const std::int64_t pixel
                        = (std::int64_t(n) * from.h + y * g.stride) * from.w + x * g.stride;
                    auto& value = dst.data()[at(to, row, c)];
                    value = 0;
                    if (c < from.c)
                        value = src.data()[at(from, pixel, c)];
                }
}

void requirePart(const Shape& part, int first, const Shape& dst)
{
    require(part.rows() == dst.rows() && first + part.c <= dst.c,
            "a concat has its parts' channels");
}

} // namespace

void refSliceChannels(const SliceGeometry& g, const Tensor& src, Tensor& dst)
{
    slice(g, src, dst);
}

void refSliceChannels(const SliceGeometry& g, const Codes& src, Codes& dst)
{
    slice(g, src, dst);
}

void refShuffleChannels(const ShuffleGeometry& g, const Tensor& src, Tensor& dst)
{
    shuffle(g, src, dst);
}

void refShuffleChannels(const ShuffleGeometry& g, const Codes& src, Codes& dst)
{
    shuffle(g, src, dst);
}

void refPadShortcut(const ShortcutGeometry& g, const Tensor& src, Tensor& dst)
{
    padShortcut(g, src, dst);
}

void refPadShortcut(const ShortcutGeometry& g, const Codes& src, Codes& dst)
{
    padShortcut(g, src, dst);
}

void refPutChannels(const Tensor& part, int first, Tensor& dst)
{
    requirePart(part.shape(), first, dst.shape());
    for (std::int64_t row = 0; row < part.shape().rows(); ++row) {
        for (int c = 0; c < part.shape().c; ++c)
            dst.data()[at(dst.shape(), row, first + c)] = part.data()[at(part.shape(), row, c)];
    }
}

void refPutChannels(const Codes& part, int first, Tensor& dst)
{
    requirePart(part.shape(), first, dst.shape());
    for (std::int64_t row = 0; row < part.shape().rows(); ++row) {
        for (int c = 0; c < part.shape().c; ++c)
            dst.data()[at(dst.shape(), row, first + c)] = float(part.at(at(part.shape(), row, c)));
    }
}

void refConcatChannels(const std::vector<const Tensor*>& parts, Tensor& dst)
{
    int first = 0;
    for (const Tensor* part : parts) {
        refPutChannels(*part, first, dst);
        first += part->shape().c;
    }
    require(first == dst.shape().c, "a concat has its parts' channels and no others");
}

} // namespace stair
