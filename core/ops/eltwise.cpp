#include "core/ops/eltwise.h"

#include "core/ops/blocking.h"
#include "core/ops/simd/tile_kernels.h"

#include <cmath>
#include <numeric>
#include <vector>

namespace stair {

void codesToFloats(const Codes& codes, float step, Tensor& dst)
{
    forEachRun(codes.size(), [&](std::int64_t first, std::size_t count) {
        tile::unpack(codes.data() + first, codes.grid().isSigned, step, dst.data() + first, count);
    });
}

void roundToHalf(const Tensor& src, Tensor& dst)
{
    forEachRun(src.size(), [&](std::int64_t first, std::size_t count) {
        tile::roundToHalf(src.data() + first, dst.data() + first, count);
    });
}

void addCodesInto(const Codes& codes, Tensor& dst)
{
    forEachRun(codes.size(), [&](std::int64_t first, std::size_t count) {
        thread_local std::vector<float> run;
        run.resize(count);
        tile::unpack(codes.data() + first, codes.grid().isSigned, 1, run.data(), count);
        tile::add(dst.data() + first, run.data(), dst.data() + first, count);
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
    std::vector<double> sums(std::size_t(x.size() / runLength + 1), 0.0);
    forEachRun(x.size(), [&](std::int64_t first, std::size_t count) {
        double sum = 0;
        for (const float v : x.values().subspan(std::size_t(first), count))
            sum += double(v) * double(v);
        sums[std::size_t(first / runLength)] = sum;
    });
    return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

} // namespace stair
