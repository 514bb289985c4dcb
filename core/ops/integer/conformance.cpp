#include "core/ops/integer/conformance.h"

#include "core/ops/integer/bit_pool.h"
#include "core/ops/integer/conv_bits.h"
#include "core/ops/reference/ref_hard_rule.h"
#include "core/ops/reference/ref_products.h"
#include "core/ops/runtime.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stair {

namespace {

constexpr int sampledPlaces = 24;
constexpr int mostChannels = 48;

/// Each code at the end of the larger magnitude; at the other one in the weights of every other
/// output channel, and, where the ends alternate, at every other place in x and y.
void fillEnds(Codes& codes, bool isWeight, bool alternates)
{
    const Grid& grid = codes.grid();
    const int longest = -grid.qn > grid.qp ? grid.qn : grid.qp, other = grid.qn + grid.qp - longest;
    const Shape& s = codes.shape();
    for (std::int64_t i = 0; i < codes.size(); ++i) {
        const std::int64_t place = i / s.c, channel = place / s.w / s.h;
        const std::int64_t turns
            = (isWeight ? channel : 0) + (alternates ? place % s.w + place / s.w % s.h : 0);
        codes.data()[i] = std::uint8_t(turns % 2 == 1 ? other : longest);
    }
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

/// The rule whose levels are the grid's.
HardRule ruleOf(const Grid& grid)
{
    HardRule rule;
    if (grid.kind == Grid::Kind::Odd)
        rule.kind = grid == Grid::odd(1) ? HardRule::Kind::Sign : HardRule::Kind::NearestOdd;
    if (grid.kind != Grid::Kind::PowerOfTwo)
        return rule;
    rule.kind = HardRule::Kind::Thresholds;
    for (int code = grid.qn; code <= grid.qp; ++code) {
        if (!grid.has(code))
            continue;
        if (!rule.codes.empty())
            rule.thresholds.push_back((rule.codes.back() + float(code)) / 2);
        rule.codes.push_back(float(code));
    }
    return rule;
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
            m.push_back(trialMultiplier(i, reach));
            b.push_back(0.29f * float(high) * float(i % 3));
            if (!isTrialTie(i))
                continue;
            // The first pixel lands on a tie, after a product whose rounding an FMA would not do.
            const auto sum = sumOfProducts(key.geometry, src, weight, 0, 0, 0, i);
            const float product = float(sum) * m.back();
            const float tie = tieAt(i % 4 == 1 ? 0 : 1);
            b.back() = tie - product;
        }
    }

    /// Where the rule goes from its lowest level to the next, or from there on.
    float tieAt(int level) const
    {
        switch (rule.kind) {
        case HardRule::Kind::Sign:
            return 0;
        case HardRule::Kind::NearestOdd:
            return float(low + 1 + 2 * level);
        case HardRule::Kind::Thresholds:
            return rule.thresholds[std::size_t(level)];
        default:
            return float(low) + 0.5f + float(level);
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

/// Least and greatest code of a channel under a place's window.
std::pair<int, int> endsOfWindow(const PoolGeometry& g, const Codes& src, const Place& p, int c)
{
    const Shape& s = src.shape();
    const int top = p.y * g.stride - g.pad, left = p.x * g.stride - g.pad;
    int low = src.grid().qp, high = src.grid().qn;
    for (int y = std::max(0, top); y < std::min(s.h, top + g.kernel); ++y) {
        for (int x = std::max(0, left); x < std::min(s.w, left + g.kernel); ++x) {
            const int code = src.at(((std::int64_t(p.n) * s.h + y) * s.w + x) * s.c + c);
            low = std::min(low, code);
            high = std::max(high, code);
        }
    }
    return {low, high};
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

std::span<const GridPair> pairsOfFewBits()
{
    static const GridPair pairs[] = {
        {"sign * sign", Grid::odd(1), Grid::odd(1)},
        {"u1 * sign", Grid::uniform(1, false), Grid::odd(1)},
        {"ternary * ternary", Grid::ternary(), Grid::ternary()},
        {"ternary * sign", Grid::ternary(), Grid::odd(1)},
        {"sign * ternary", Grid::odd(1), Grid::ternary()},
        {"u1 * ternary", Grid::uniform(1, false), Grid::ternary()},
        {"u2 * sign", Grid::uniform(2, false), Grid::odd(1)},
        {"s2 * sign", Grid::uniform(2, true), Grid::odd(1)},
        {"u2 * s2", Grid::uniform(2, false), Grid::uniform(2, true)},
        {"odd 2 * odd 2", Grid::odd(2), Grid::odd(2)},
        {"odd 3 * s3", Grid::odd(3), Grid::uniform(3, true)},
        {"ternary * odd 2", Grid::ternary(), Grid::odd(2)},
        {"s3 * ternary", Grid::uniform(3, true), Grid::ternary()},
        {"u4 * s4", Grid::uniform(4, false), Grid::uniform(4, true)},
        {"s4 * s4", Grid::uniform(4, true), Grid::uniform(4, true)},
        {"u4 * power of two", Grid::uniform(4, false), Grid::powerOfTwo(3)},
        {"powers of two", Grid::powerOfTwo(3), Grid::powerOfTwo(3)},
        {"sign * power of two", Grid::odd(1), Grid::powerOfTwo(3)},
        {"zero point * sign", Grid::shifted(2, 1), Grid::odd(1)},
        {"u4 * sign", Grid::uniform(4, false), Grid::odd(1)},
        {"s3 * power of two", Grid::uniform(3, true), Grid::powerOfTwo(3)},
        {"odd 3 * odd 3", Grid::odd(3), Grid::odd(3)},
        {"odd 4 * odd 4", Grid::odd(4), Grid::odd(4)},
    };
    return pairs;
}

float trialMultiplier(int channel, float reach)
{
    const float kinds[] = {0.5f, reach, -reach, 0.0f, -0.5f, reach * 0.37f};
    return kinds[channel / 2 % 6];
}

bool isTrialTie(int channel)
{
    return channel % 2 == 1;
}

std::vector<int> trialChannels(int channels)
{
    constexpr int last = 16;
    std::vector<int> all(std::size_t(std::max(0, channels - last)));
    std::iota(all.begin(), all.end(), 0);
    std::vector<int> chosen;
    for (int i = std::max(0, channels - last); i < channels; ++i)
        chosen.push_back(i);
    Random random(1, RandomUse::Test, std::uint64_t(channels));
    while (int(chosen.size()) < mostChannels && !all.empty()) {
        const auto drawn = all.begin() + std::ptrdiff_t(random.below(std::uint32_t(all.size())));
        chosen.push_back(*drawn);
        all.erase(drawn);
    }
    return chosen;
}

KernelTrial::KernelTrial(Runtime& runtime, const IntegerConvKey& key, TrialCodes codes)
    : m_runtime(runtime)
    , m_key(key)
    , m_random(1, RandomUse::Test, 77)
    , m_src(key.src, key.srcGrid, runtime.pool())
    , m_weight(key.geometry.weightShape(), key.weightGrid, runtime.pool())
    , m_out(key.geometry.outputShape(key.src))
{
    if (codes != TrialCodes::Mixed) {
        const bool alternates = codes == TrialCodes::Alternating;
        fillEnds(m_src, false, alternates);
        fillEnds(m_weight, true, alternates);
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
    const std::vector<int> channels = trialChannels(m_out.c);
    for (const Place& p : samplePlaces(m_out, m_random)) {
        const std::int64_t base = ((std::int64_t(p.n) * m_out.h + p.y) * m_out.w + p.x) * m_out.c;
        for (const int channel : channels)
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

int KernelTrial::wrongPacked(const IntegerConvKernel& kernel, const Grid& dst) const
{
    const HardRule rule = ruleOf(dst);
    const HardEpilogue e(m_key, m_src, m_weight, rule, dst.qn, dst.qp);
    const BitWeights weights(m_key.geometry, m_weight);
    const BitThresholds thresholds(weights, m_key.srcGrid, e.m, e.b, rule, dst.qn, dst.qp, dst);
    BitPlanes planes(m_out, dst, m_runtime.pool());
    m_runtime.integerKernels().runBits(kernel, packBits(m_src, m_runtime.pool()), weights,
                                       thresholds, planes);
    Codes codes(m_out, dst, m_runtime.pool());
    unpackBits(planes, codes);
    int wrong = 0;
    for (const Sample& sample : m_samples)
        wrong += codes.at(sample.index) != e.code(sample.channel, sample.sum);
    return wrong;
}

int countWrongMaxima(Runtime& runtime, const BitMaximumKey& key)
{
    const PoolGeometry& g = key.geometry;
    Random random(1, RandomUse::Test, 78);
    Codes src(key.src, key.grid, runtime.pool());
    for (std::uint8_t& byte : src.bytes())
        byte = std::uint8_t(random.below(4) == 0 ? key.grid.qp : key.grid.qn);
    std::vector<bool> least;
    for (int c = 0; c < key.src.c; ++c)
        least.push_back(random.below(2) == 0);
    BitPlanes dst(g.outputShape(key.src), key.grid, runtime.pool());
    runtime.integerKernels().runMaximum(BitPool(key.grid, key.src.c, least), g,
                                        packBits(src, runtime.pool()), dst);
    const Shape& out = dst.shape();
    int wrong = 0;
    for (const Place& p : samplePlaces(out, random)) {
        for (int c = 0; c < out.c; ++c) {
            const auto [low, high] = endsOfWindow(g, src, p, c);
            const std::int64_t row = (std::int64_t(p.n) * out.h + p.y) * out.w + p.x;
            wrong += dst.at(row, c) != (least[std::size_t(c)] ? low : high);
        }
    }
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
