#include "core/ops/reference/ref_channels.h"

#include "core/base/assert.h"

namespace stair {

namespace {

float& at(Tensor& t, std::int64_t row, int channel)
{
    return t.data()[row * t.shape().c + channel];
}

float at(const Tensor& t, std::int64_t row, int channel)
{
    return t.data()[row * t.shape().c + channel];
}

} // namespace

void refSliceChannels(const SliceGeometry& g, const Tensor& src, Tensor& dst)
{
    require(dst.shape() == g.outputShape(src.shape()), "a slice has its channels");
    for (std::int64_t row = 0; row < dst.shape().rows(); ++row) {
        for (int c = 0; c < g.channels; ++c)
            at(dst, row, c) = at(src, row, g.first + c);
    }
}

void refShuffleChannels(const ShuffleGeometry& g, const Tensor& src, Tensor& dst)
{
    require(dst.shape() == g.outputShape(src.shape()), "a shuffle keeps the shape");
    const int columns = src.shape().c / g.groups;
    for (std::int64_t row = 0; row < src.shape().rows(); ++row) {
        for (int i = 0; i < g.groups; ++i) {
            for (int j = 0; j < columns; ++j)
                at(dst, row, j * g.groups + i) = at(src, row, i * columns + j);
        }
    }
}

void refConcatChannels(const std::vector<const Tensor*>& parts, Tensor& dst)
{
    int first = 0;
    for (const Tensor* part : parts) {
        const Shape& s = part->shape();
        require(s.rows() == dst.shape().rows() && first + s.c <= dst.shape().c,
                "a concat has its parts' channels");
        for (std::int64_t row = 0; row < s.rows(); ++row) {
            for (int c = 0; c < s.c; ++c)
                at(dst, row, first + c) = at(*part, row, c);
        }
        first += s.c;
    }
    require(first == dst.shape().c, "a concat has its parts' channels and no others");
}

} // namespace stair
