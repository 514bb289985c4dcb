#include "core/ops/shortcut.h"

#include <algorithm>

namespace stair {

namespace {

/// Calls body(row of dst, row of src) for every pixel that is kept.
template<typename Body>
void forEachKept(const ShortcutGeometry& g, const Shape& src, const Shape& dst, const Body& body)
{
    const std::int64_t rows = dst.rows();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t n = row / dst.w / dst.h;
        const std::int64_t y = row / dst.w % dst.h * g.stride;
        const std::int64_t x = row % dst.w * g.stride;
        body(row, (n * src.h + y) * src.w + x);
    }
}

template<typename T>
void padRows(const ShortcutGeometry& g, const Shape& s, const T* src, const Shape& d, T* dst)
{
    forEachKept(g, s, d, [&](std::int64_t to, std::int64_t from) {
        std::copy_n(src + from * s.c, s.c, dst + to * d.c);
        std::fill_n(dst + to * d.c + s.c, d.c - s.c, T(0));
    });
}

} // namespace

void padShortcut(const ShortcutGeometry& g, const Tensor& src, Tensor& dst)
{
    padRows(g, src.shape(), src.data(), dst.shape(), dst.data());
}

void padShortcut(const ShortcutGeometry& g, const Codes& src, Codes& dst)
{
    padRows(g, src.shape(), src.data(), dst.shape(), dst.data());
}

void padShortcutBackward(const ShortcutGeometry& g, const Tensor& dDst, Tensor& dSrc)
{
    const Shape s = dSrc.shape();
    const Shape d = dDst.shape();
    dSrc.fill(0);
    forEachKept(g, s, d, [&](std::int64_t from, std::int64_t to) {
        std::copy_n(dDst.data() + from * d.c, s.c, dSrc.data() + to * s.c);
    });
}

} // namespace stair
