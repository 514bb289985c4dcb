#include "core/ops/integer/conformance.h"

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

/// An epilogue that is hard to get right for these codes.
struct HardEpilogue
{
    HardEpilogue(const IntegerConvKey& key, const Codes& src, const Codes& weight,
                 const HardRule& r, int least, int most)
        : rule(r)
        , low(least)
        , high(most)
    {
        // A sum of random codes is about sqrt(terms) products long; `reach` brings it to the grid.
        const float reach = 0.5f * float(high - low)
            / (std::sqrt(float(key.geometry.terms())) * float(key.srcMax())
               * float(key.weightMax()));
        for (int i = 0; i < key.geometry.outC; ++i) {
            const float kinds[] = {0.5f, reach, -reach, 0.0f, -0.5f, reach * 0.37f};
            m.push_back(kinds[i % 6]);
            b.push_back(0.29f * float(high) * float(i % 3));
            if (i % 2 == 0)
                continue;
            // The first pixel lands on a tie, after a product whose rounding an FMA would not do.
            const auto sum = sumOfProducts(key.geometry, src, weight, 0, 0, 0, i);
            const float product = float(sum) * m.back();
            const float tie
                = rule.kind == HardRule::Kind::Sign ? 0 : float(low) + (i % 4 == 1 ? 0.5f : 1.5f);
            b.back() = tie - product;
        }
    }

    /// By the definition (NUMERICS 3).
    int code(int channel, std::int64_t sum) const
    {
        const float product = float(sum) * m[std::size_t(channel)];
        return int(refHardRule(rule, product + b[std::size_t(channel)], float(low), float(high)));
    }

    HardRule rule;
    int low, high;
    std::vector<float> m, b;
};

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

KernelTrial::KernelTrial(Runtime& runtime, const IntegerConvKey& key, TrialCodes codes)
    : m_runtime(runtime)
    , m_key(key)
    , m_random(1, RandomUse::Test, 77)
    , m_src(key.src, key.srcGrid, runtime.pool())
    , m_weight(key.geometry.weightShape(), key.weightGrid, runtime.pool())
    , m_out(key.geometry.outputShape(key.src))
{
    if (codes == TrialCodes::Longest) {
        fillLongest(m_src, false);
        fillLongest(m_weight, true);
    } else {
        fillExtreme(m_src);
        fillExtreme(m_weight);
    }
    takeSamples();
}

/// A third of the codes lowest, a third highest (neighbouring extremes are what saturates 16-bit
/// sums), the rest any level.
void KernelTrial::fillExtreme(Codes& codes)
{
    const int least = codes.grid().qn, most = codes.grid().qp;
    for (std::uint8_t& byte : codes.bytes()) {
        const std::uint32_t draw = m_random.bits();
        int any = least + int((draw >> 8) % std::uint32_t(most - least + 1));
        while (!codes.grid().has(any))
            ++any;
        const int code = draw % 3 == 0 ? least : draw % 3 == 1 ? most : any;
        byte = std::uint8_t(code);
    }
}

void KernelTrial::takeSamples()
{
    const int step = std::max(1, m_out.c / sampledChannels);
    for (const Place& p : samplePlaces(m_out, m_random)) {
        const std::int64_t base = ((std::int64_t(p.n) * m_out.h + p.y) * m_out.w + p.x) * m_out.c;
        // Counting down from the last channel always covers the remainder of a vector.
        for (int channel = m_out.c - 1; channel >= 0; channel -= step)
            m_samples.push_back(
                {base + channel, channel,
                 sumOfProducts(m_key.geometry, m_src, m_weight, p.n, p.y, p.x, channel)});
    }
}

int KernelTrial::wrongSums(const IntegerConvKernel& kernel) const
{
    Tensor acc(m_out, m_runtime.pool());
    KeptWeights kept;
    m_runtime.integerKernels().run(m_runtime, kernel, m_key.geometry, m_src, m_weight, kept, acc);
    int wrong = 0;
    for (const Sample& sample : m_samples)
        wrong += acc.data()[sample.index] != float(sample.sum);
    return wrong;
}

int KernelTrial::wrongFused(const FusedGrid& grid) const
{
    const HardEpilogue e(m_key, m_src, m_weight, {}, grid.low, grid.high);
    Codes dst(m_out, Grid::uniform(8, grid.isSigned), m_runtime.pool());
    m_runtime.integerKernels().runFused(m_runtime, m_key.geometry, m_src, m_weight, e.m, e.b,
                                        grid.low, grid.high, dst, nullptr);
    int wrong = 0;
    for (const Sample& sample : m_samples)
        wrong += dst.at(sample.index) != e.code(sample.channel, sample.sum);
    return wrong;
}

int KernelTrial::wrongPacked(const Grid& dst) const
{
    HardRule rule;
    if (dst == Grid::odd(1))
        rule.kind = HardRule::Kind::Sign;
    const HardEpilogue e(m_key, m_src, m_weight, rule, dst.qn, dst.qp);
    const BitWeights weights(m_key.geometry, m_weight);
    const BitThresholds thresholds(weights, m_key.srcGrid, e.m, e.b, rule, dst.qn, dst.qp, dst);
    BitPlanes planes(m_out, dst, m_runtime.pool());
    convBits(packBits(m_src, m_runtime.pool()), weights, thresholds, planes);
    Codes codes(m_out, dst, m_runtime.pool());
    unpackBits(planes, codes);
    int wrong = 0;
    for (const Sample& sample : m_samples)
        wrong += codes.at(sample.index) != e.code(sample.channel, sample.sum);
    return wrong;
}

int countWrongSums(Runtime& runtime, const IntegerConvKey& key, const IntegerConvKernel& kernel)
{
    return KernelTrial(runtime, key).wrongSums(kernel);
}

int countWrongFused(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid)
{
    return KernelTrial(runtime, key).wrongFused(grid);
}

} // namespace stair
