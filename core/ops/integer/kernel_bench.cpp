#include "core/ops/integer/kernel_bench.h"

#include "core/base/random.h"
#include "core/base/stop_watch.h"
#include "core/ops/conv2d.h"
#include "core/ops/dnnl/conv.h"
#include "core/ops/integer/conv_bits.h"
#include "core/ops/integer/conv_codes.h"
#include "core/ops/integer/conv_f32_exact.h"
#include "core/ops/integer/conv_short.h"
#include "core/ops/integer/kernels.h"
#include "core/ops/runtime.h"

#include <algorithm>
#include <functional>

namespace stair {

namespace {

Codes randomCodes(const Shape& shape, const Grid& grid, Random& random)
{
    Codes codes(shape, grid);
    for (std::uint8_t& byte : codes.bytes()) {
        int code = grid.qn + int(random.below(std::uint32_t(grid.qp - grid.qn + 1)));
        while (!grid.has(code))
            ++code;
        byte = std::uint8_t(code);
    }
    return codes;
}

Tensor randomFloats(const Shape& shape, Random& random)
{
    Tensor tensor(shape);
    for (float& x : tensor.values())
        x = random.uniform() * 2 - 1;
    return tensor;
}

struct Contender
{
    const char* name;
    std::function<void()> run;
    std::vector<double> seconds;
};

double medianMs(std::vector<double> seconds)
{
    std::ranges::sort(seconds);
    return seconds[seconds.size() / 2] * 1e3;
}

/// A packed layer: its codes, planes, weights and epilogue.
struct PackedLayer
{
    PackedLayer(const ConvGeometry& g, const Shape& shape, const Grid& srcGrid,
                const Grid& weightGrid, const Grid& dstGrid, const HardRule& rule, BufferPool& pool,
                Random& random)
        : codes(randomCodes(shape, srcGrid, random))
        , weight(randomCodes(g.weightShape(), weightGrid, random))
        , src(packBits(codes, pool))
        , weights(g, weight)
        , epilogue(weights, srcGrid, std::vector<float>(std::size_t(g.outC), 0.05f),
                   std::vector<float>(std::size_t(g.outC), 0.1f), rule, dstGrid.qn, dstGrid.qp,
                   dstGrid)
        , dst(g.outputShape(shape), dstGrid, pool)
    {
    }

    void run() { convBits(src, weights, epilogue, dst); }

    Codes codes, weight;
    BitPlanes src;
    BitWeights weights;
    BitThresholds epilogue;
    BitPlanes dst;
};

Json benchShape(Runtime& runtime, const Shape& shape, int rounds)
{
    Random random(1, RandomUse::Test, 5);
    BufferPool& pool = runtime.pool();
    const ConvGeometry g = ConvGeometry::square(shape.c, shape.c, 3, 1, 1);
    const Tensor x = randomFloats(shape, random), w = randomFloats(g.weightShape(), random);
    const Codes bytes = randomCodes(shape, Grid::uniform(2, false), random);
    const Codes small = randomCodes(g.weightShape(), Grid::uniform(2, true), random);
    const Codes full = randomCodes(shape, Grid::uniform(8, false), random);
    const Codes fullWeight = randomCodes(g.weightShape(), Grid::uniform(8, true), random);
    KeptWeights keptFloats, keptShort, keptWinograd;
    Tensor acc(g.outputShape(shape), pool);
    HardRule sign;
    sign.kind = HardRule::Kind::Sign;
    const Grid one = Grid::odd(1), two = Grid::uniform(2, false), three = Grid::ternary();
    PackedLayer xnor(g, shape, one, one, one, sign, pool, random);
    PackedLayer ternary(g, shape, three, three, three, {}, pool, random);
    PackedLayer ternaryWeights(g, shape, one, three, one, sign, pool, random);
    PackedLayer serial(g, shape, two, one, two, {}, pool, random);
    PackedLayer serial2(g, shape, two, Grid::uniform(2, true), two, {}, pool, random);
    PackedLayer shift(g, shape, two, Grid::powerOfTwo(3), two, {}, pool, random);
    std::vector<Contender> all = {
        {"f32", [&] { dnnlops::convForward(runtime, g, x, w, acc); }, {}},
        {"int8", [&] { dnnlops::convInt8(runtime, g, bytes, small, acc); }, {}},
        {"w8a8_f32", [&] { convF32Exact(runtime, g, full, fullWeight, keptFloats, acc); }, {}},
        {"w8a8_short", [&] { convShort(runtime, g, full, fullWeight, keptShort, acc); }, {}},
        {"w8a8_winograd",
         [&] { convWinograd(runtime, g, full, fullWeight, keptWinograd, acc); },
         {}},
        {"xnor", [&] { xnor.run(); }, {}},
        {"ternary", [&] { ternary.run(); }, {}},
        {"ternary_weights", [&] { ternaryWeights.run(); }, {}},
        {"bits_2x1", [&] { serial.run(); }, {}},
        {"bits_2x2", [&] { serial2.run(); }, {}},
        {"shift_2x3", [&] { shift.run(); }, {}},
        {"packing", [&] { packBits(xnor.codes, pool); }, {}},
        {"weight_packing", [&] { BitWeights(g, xnor.weight); }, {}},
        {"xnor_from_codes",
         [&] { convBits(packBits(xnor.codes, pool), BitWeights(g, xnor.weight), acc); },
         {}},
    };
    for (int round = -1; round < rounds; ++round) {
        for (Contender& contender : all) {
            double seconds = 0;
            {
                const StopWatch watch(seconds);
                contender.run();
            }
            if (round >= 0)
                contender.seconds.push_back(seconds);
        }
    }
    Json result;
    result["shape"] = toString(shape);
    for (const Contender& contender : all)
        result["ms"][contender.name] = medianMs(contender.seconds);
    for (const Contender& contender : all) {
        const double ms = result["ms"][contender.name].get<double>();
        result["times_f32"][contender.name] = result["ms"]["f32"].get<double>() / ms;
        result["times_int8"][contender.name] = result["ms"]["int8"].get<double>() / ms;
    }
    return result;
}

} // namespace

Json runKernelBench(Runtime& runtime, int rounds)
{
    Json result;
    result["isa"] = runtime.isa();
    result["counting"] = bits::counting() == bits::Counting::Words ? "words"
        : bits::counting() == bits::Counting::Bytes                ? "bytes"
                                                                   : "slow";
    result["threads"] = runtime.threads();
    for (const Shape& shape :
         {Shape{16, 32, 32, 16}, Shape{16, 28, 28, 32}, Shape{16, 28, 28, 64},
          Shape{16, 28, 28, 128}, Shape{16, 28, 28, 256}, Shape{16, 14, 14, 512}})
        result["shapes"].push_back(benchShape(runtime, shape, rounds));
    return result;
}

} // namespace stair
