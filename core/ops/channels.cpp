#include "core/ops/channels.h"

#include "core/ops/simd/tile_kernels.h"

#include <algorithm>

namespace stair {

namespace {

/// Calls body(row) for every pixel of every image.
template<typename Body>
void forEachRow(const Shape& shape, const Body& body)
{
    const std::int64_t rows = shape.rows();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row)
        body(row);
}

template<typename T>
void sliceRows(const SliceGeometry& g, const Shape& s, const T* src, T* dst)
{
    forEachRow(s, [&](std::int64_t row) {
        std::copy_n(src + row * s.c + g.first, g.channels, dst + row * g.channels);
    });
}

/// Rows of `groups` x `columns` channels, transposed.
template<typename T>
void transposeRows(const Shape& s, int groups, const T* src, T* dst)
{
    const int columns = s.c / groups;
    forEachRow(s, [&](std::int64_t row) {
        const T* from = src + row * s.c;
        T* to = dst + row * s.c;
        for (int column = 0; column < columns; ++column) {
            for (int group = 0; group < groups; ++group)
                *to++ = from[group * columns + column];
        }
    });
}

} // namespace

void sliceChannels(const SliceGeometry& g, const Tensor& src, Tensor& dst)
{
    sliceRows(g, src.shape(), src.data(), dst.data());
}

void sliceChannels(const SliceGeometry& g, const Codes& src, Codes& dst)
{
    sliceRows(g, src.shape(), src.data(), dst.data());
}

void sliceChannelsBackward(const SliceGeometry& g, const Tensor& dDst, Tensor& dSrc)
{
    dSrc.fill(0);
    putChannels(dDst, g.first, dSrc);
}

void shuffleChannels(const ShuffleGeometry& g, const Tensor& src, Tensor& dst)
{
    transposeRows(src.shape(), g.groups, src.data(), dst.data());
}

void shuffleChannels(const ShuffleGeometry& g, const Codes& src, Codes& dst)
{
    transposeRows(src.shape(), g.groups, src.data(), dst.data());
}

void shuffleChannelsBackward(const ShuffleGeometry& g, const Tensor& dDst, Tensor& dSrc)
{
    transposeRows(dDst.shape(), dDst.shape().c / g.groups, dDst.data(), dSrc.data());
}

void putChannels(const Tensor& part, int first, Tensor& dst)
{
    const std::int64_t from = part.shape().c, to = dst.shape().c;
    forEachRow(part.shape(), [&](std::int64_t row) {
        std::copy_n(part.data() + row * from, from, dst.data() + row * to + first);
    });
}

void putChannels(const Codes& part, int first, Tensor& dst)
{
    const std::int64_t from = part.shape().c, to = dst.shape().c;
    forEachRow(part.shape(), [&](std::int64_t row) {
        tile::unpack(part.data() + row * from, part.grid().isSigned, 1,
                     dst.data() + row * to + first, std::size_t(from));
    });
}

} // namespace stair
