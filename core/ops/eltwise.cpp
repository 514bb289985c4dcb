#include "core/ops/eltwise.h"

#include "core/ops/blocking.h"
#include "core/ops/simd/tile_kernels.h"

#include <cmath>

namespace stair {

void codesToFloats(const Codes& codes, float step, Tensor& dst)
{
    forEachRun(codes.size(), [&](std::int64_t first, std::size_t count) {
        tile::unpack(codes.data() + first, codes.grid().isSigned, step, dst.data() + first, count);
    });
}

void addInto(const Tensor& src, Tensor& dst)
{
    forEachRun(src.size(), [&](std::int64_t first, std::size_t count) {
        tile::add(dst.data() + first, src.data() + first, dst.data() + first, count);
    });
}

double norm(const Tensor& x)
{
    double sum = 0;
    for (const float v : x.values())
        sum += double(v) * double(v);
    return std::sqrt(sum);
}

} // namespace stair
