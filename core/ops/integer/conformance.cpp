#include "core/ops/integer/conformance.h"

#include "core/base/random.h"
#include "core/ops/integer/conv_bits.h"
#include "core/ops/reference/ref_hard_rule.h"
#include "core/ops/reference/ref_products.h"
#include "core/ops/runtime.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int sampledPlaces = 24;
constexpr int sampledChannels = 48;

/// A third of the codes lowest, a third highest (neighbouring extremes are what saturates 16-bit
/// sums), the rest any level.
void fillExtreme(Codes& codes, Random& random)
{
    const int least = codes.grid().qn, most = codes.grid().qp;
    for (std::uint8_t& byte : codes.bytes()) {
        const std::uint32_t draw = random.bits();
        int any = least + int((draw >> 8) % std::uint32_t(most - least + 1));
        while (!codes.grid().has(any))
            ++any;
        const int code = draw % 3 == 0 ? least : draw % 3 == 1 ? most : any;
        byte = std::uint8_t(code);
    }
}

/// Each code at the end of the larger magnitude, or, of every other output channel's weights, at the
/// other one.
void fillLongest(Codes& codes, bool isWeight)
{
    const Grid& grid = codes.grid();
    const int longest = -grid.qn > grid.qp ? grid.qn : grid.qp, other = grid.qn + grid.qp - longest;
    const std::int64_t each = codes.size() / codes.shape().n;
    for (std::int64_t i = 0; i < codes.size(); ++i)
        codes.data()[i] = std::uint8_t(isWeight && i / each % 2 == 1 ? other : longest);
}

struct Case
{
    Case(const IntegerConvKey& key, BufferPool& pool, TrialCodes codes = TrialCodes::Mixed)
        : random(1, RandomUse::Test, 77)
        , src(key.src, key.srcGrid, pool)
        , weight(key.geometry.weightShape(), key.weightGrid, pool)
        , out(key.geometry.outputShape(key.src))
    {
        if (codes == TrialCodes::Longest) {
            fillLongest(src, false);
            fillLongest(weight, true);
        } else {
            fillExtreme(src, random);
            fillExtreme(weight, random);
        }
    }

    Random random;
    Codes src;
    Codes weight;
    Shape out;
};

/// Multipliers and offsets for an epilogue's codes from low to high.
struct Affine
{
    Affine(const IntegerConvKey& key, const Case& c, const HardRule& rule, int low, int high)
    {
        // A sum of random codes is about sqrt(terms) products long; `reach` brings it to the grid.
        const float reach = 0.5f * float(high - low)
            / (std::sqrt(float(key.geometry.terms())) * float(key.srcMax())
               * float(key.weightMax()));
        for (int i = 0; i < c.out.c; ++i) {
            const float kinds[] = {0.5f, reach, -reach, 0.0f, -0.5f, reach * 0.37f};
            m.push_back(kinds[i % 6]);
            b.push_back(0.29f * float(high) * float(i % 3));
            if (i % 2 == 0)
                continue;
            // The first pixel lands on a tie, after a product whose rounding an FMA would not do.
            const auto sum = sumOfProducts(key.geometry, c.src, c.weight, 0, 0, 0, i);
            const float product = float(sum) * m.back();
            const float tie
                = rule.kind == HardRule::Kind::Sign ? 0 : float(low) + (i % 4 == 1 ? 0.5f : 1.5f);
            b.back() = tie - product;
        }
    }

    /// The code that the lowered program defines (NUMERICS 3).
    int code(const HardRule& rule, std::int64_t sum, int channel, int low, int high) const
    {
        const float product = float(sum) * m[std::size_t(channel)];
        return int(refHardRule(rule, product + b[std::size_t(channel)], float(low), float(high)));
    }

    std::vector<float> m, b;
};

struct Place
{
    int n, y, x;
};

std::vector<Place> samplePlaces(const Shape& out, Random& random)
{
    std::vector<Place> places;
    for (const int n : {0, out.n - 1}) {
        for (const int y : {0, out.h - 1}) {
            for (const int x : {0, out.w - 1})
                places.push_back({n, y, x});
        }
    }
    while (int(places.size()) < sampledPlaces)
        places.push_back({int(random.below(std::uint32_t(out.n))),
                          int(random.below(std::uint32_t(out.h))),
                          int(random.below(std::uint32_t(out.w)))});
    return places;
}

/// Calls compare(flat index, channel, exact sum) for the sampled outputs.
template<typename Compare>
void forSamples(const IntegerConvKey& key, Case& c, const Compare& compare)
{
    const int step = std::max(1, c.out.c / sampledChannels);
    for (const Place& p : samplePlaces(c.out, c.random)) {
        const std::int64_t base = ((std::int64_t(p.n) * c.out.h + p.y) * c.out.w + p.x) * c.out.c;
        // Counting down from the last channel always covers the remainder of a vector.
        for (int channel = c.out.c - 1; channel >= 0; channel -= step)
            compare(base + channel, channel,
                    sumOfProducts(key.geometry, c.src, c.weight, p.n, p.y, p.x, channel));
    }
}

} // namespace

std::int64_t sumOfProducts(const ConvGeometry& g, const Codes& src, const Codes& weight, int image,
                           int y, int x, int channel)
{
    std::int64_t sum = 0;
    forEachTap(g, src.shape(), image, y, x, channel, [&](std::int64_t from, std::int64_t tap) {
        sum += std::int64_t(src.at(from)) * weight.at(tap);
    });
    return sum;
}

int countWrongSums(Runtime& runtime, const IntegerConvKey& key, const IntegerConvKernel& kernel,
                   TrialCodes codes)
{
    Case c(key, runtime.pool(), codes);
    Tensor acc(c.out, runtime.pool());
    KeptWeights kept;
    runtime.integerKernels().run(runtime, kernel, key.geometry, c.src, c.weight, kept, acc);
    int wrong = 0;
    forSamples(key, c, [&](std::int64_t index, int, std::int64_t sum) {
        wrong += acc.data()[index] != float(sum);
    });
    return wrong;
}

int countWrongFused(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid)
{
    const HardRule nearest;
    Case c(key, runtime.pool());
    const Affine a(key, c, nearest, grid.low, grid.high);
    Codes dst(c.out, Grid::uniform(8, grid.isSigned), runtime.pool());
    runtime.integerKernels().runFused(runtime, key.geometry, c.src, c.weight, a.m, a.b, grid.low,
                                      grid.high, dst, nullptr);
    int wrong = 0;
    forSamples(key, c, [&](std::int64_t index, int channel, std::int64_t sum) {
        wrong += dst.at(index) != a.code(nearest, sum, channel, grid.low, grid.high);
    });
    return wrong;
}

int countWrongPacked(Runtime& runtime, const IntegerConvKey& key, const Grid& dst)
{
    BufferPool& pool = runtime.pool();
    HardRule rule;
    if (dst == Grid::odd(1))
        rule.kind = HardRule::Kind::Sign;
    Case c(key, pool);
    const Affine a(key, c, rule, dst.qn, dst.qp);
    const BitWeights weights(key.geometry, c.weight);
    const BitThresholds epilogue(weights, key.srcGrid, a.m, a.b, rule, dst.qn, dst.qp, dst);
    BitPlanes planes(c.out, dst, pool);
    convBits(packBits(c.src, pool), weights, epilogue, planes);
    Codes codes(c.out, dst, pool);
    unpackBits(planes, codes);
    int wrong = 0;
    forSamples(key, c, [&](std::int64_t index, int channel, std::int64_t sum) {
        wrong += codes.at(index) != a.code(rule, sum, channel, dst.qn, dst.qp);
    });
    return wrong;
}

} // namespace stair
