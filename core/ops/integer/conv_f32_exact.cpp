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

/// The weights as whole floats, by runs of input channels.
struct KeptFloats : KernelState
{
    struct Part
    {
        Tensor weights;
        KeptWeights blocked;
    };
    std::vector<Part> parts;
};

/// Part number `index` of the weights: channels [first, first + count).
KeptFloats::Part& partOf(KeptFloats& state, std::size_t index, const Codes& weight, int first,
                         int count, BufferPool& pool)
{
    if (index == state.parts.size())
        state.parts.push_back({sliceAsFloats(weight, first, count, pool), {}});
    return state.parts[index];
}

} // namespace

bool convF32ExactApplies(Runtime&, const IntegerConvKey& key)
{
    const std::int64_t channels
        = channelsAtOnce(key.geometry, std::int64_t(key.srcMax()) * key.weightMax());
    return key.geometry.groups == 1 ? channels >= 1 : key.accumulatorBound() <= exactFloat;
}

void convF32Exact(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                  KeptWeights& kept, Tensor& acc)
{
    BufferPool& pool = runtime.pool();
    const std::int64_t largest
        = std::int64_t(src.grid().maxMagnitude()) * weight.grid().maxMagnitude();
    const int atOnce = int(std::min<std::int64_t>(channelsAtOnce(g, largest), g.inC));
    auto& state = stateIn<KeptFloats>(kept);
    if (g.groups > 1 || atOnce == g.inC) {
        const Tensor x = sliceAsFloats(src, 0, g.inC, pool);
        KeptFloats::Part& part = partOf(state, 0, weight, 0, g.inC / g.groups, pool);
        dnnlops::convForward(runtime, g, x, part.weights, acc, &part.blocked);
        return;
    }
    const std::int64_t size = acc.size();
    Buffer buffer = pool.take(std::size_t(size) * sizeof(std::int32_t));
    auto* sums = reinterpret_cast<std::int32_t*>(buffer.data());
    for (int first = 0; first < g.inC; first += atOnce) {
        ConvGeometry part = g;
        part.inC = std::min(atOnce, g.inC - first);
        const Tensor x = sliceAsFloats(src, first, part.inC, pool);
        KeptFloats::Part& w
            = partOf(state, std::size_t(first / atOnce), weight, first, part.inC, pool);
        dnnlops::convForward(runtime, part, x, w.weights, acc, &w.blocked);
#pragma omp parallel for simd schedule(static)
        for (std::int64_t i = 0; i < size; ++i)
            sums[i] = (first == 0 ? 0 : sums[i]) + std::int32_t(acc.data()[i]);
    }
#pragma omp parallel for simd schedule(static)
    for (std::int64_t i = 0; i < size; ++i)
        acc.data()[i] = float(sums[i]);
}

} // namespace stair
