#include "core/ops/integer/conv_f32_exact.h"

#include "core/base/assert.h"
#include "core/ops/dnnl/conv.h"
#include "core/ops/eltwise.h"
#include "core/ops/integer/int8_limits.h"
#include "core/ops/runtime.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// Input channels whose products certainly sum to at most 2^24.
std::int64_t channelsAtOnce(const ConvGeometry& g, std::int64_t largestProduct)
{
    const std::int64_t taps = std::int64_t(g.kernelH) * g.kernelW;
    return exactFloat / (taps * std::max<std::int64_t>(largestProduct, 1));
}

/// Channels [first, first + count) of every row, as whole floats.
Tensor sliceAsFloats(const Codes& codes, int first, int count, BufferPool& pool)
{
    Shape shape = codes.shape();
    const int all = shape.c;
    shape.c = count;
    Tensor slice(shape, pool);
    const std::int64_t rows = shape.rows();
    if (count == all) {
        codesToFloats(codes, 1, slice);
        return slice;
    }
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row)
        tile::unpack(codes.data() + row * all + first, codes.grid().isSigned, 1,
                     slice.data() + row * count, std::size_t(count));
    return slice;
}

} // namespace

bool convF32ExactApplies(Runtime&, const IntegerConvKey& key)
{
    const std::int64_t channels
        = channelsAtOnce(key.geometry, std::int64_t(key.srcMax()) * key.weightMax());
    return key.geometry.groups == 1 ? channels >= 1 : key.accumulatorBound() <= exactFloat;
}

void convF32Exact(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                  Tensor& acc)
{
    BufferPool& pool = runtime.pool();
    const std::int64_t largest
        = std::int64_t(src.grid().maxMagnitude()) * weight.grid().maxMagnitude();
    const int atOnce = int(std::min<std::int64_t>(channelsAtOnce(g, largest), g.inC));
    if (g.groups > 1 || atOnce == g.inC) {
        const Tensor x = sliceAsFloats(src, 0, g.inC, pool);
        const Tensor w = sliceAsFloats(weight, 0, g.inC / g.groups, pool);
        dnnlops::convForward(runtime, g, x, w, acc);
        return;
    }
    const std::int64_t size = acc.size();
    std::vector<std::int32_t> sums(std::size_t(size), 0);
    for (int first = 0; first < g.inC; first += atOnce) {
        ConvGeometry part = g;
        part.inC = std::min(atOnce, g.inC - first);
        const Tensor x = sliceAsFloats(src, first, part.inC, pool);
        const Tensor w = sliceAsFloats(weight, first, part.inC, pool);
        dnnlops::convForward(runtime, part, x, w, acc);
#pragma omp parallel for simd schedule(static)
        for (std::int64_t i = 0; i < size; ++i)
            sums[std::size_t(i)] += std::int32_t(acc.data()[i]);
    }
#pragma omp parallel for simd schedule(static)
    for (std::int64_t i = 0; i < size; ++i)
        acc.data()[i] = float(sums[std::size_t(i)]);
}

} // namespace stair
