#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/tile_reductions.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/tile_kernels.h"

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// A sum is kept in eight double lanes whatever the vector length: lane j takes the elements
// j, j + 8, j + 16 ... and the lanes are added in one fixed order at the end.
constexpr std::size_t lanes = 8;
using Floats = hn::CappedTag<float, lanes>;
using Doubles = hn::CappedTag<double, lanes>;

HWY_INLINE double foldLanes(const double* sums)
{
    return ((sums[0] + sums[4]) + (sums[2] + sums[6]))
        + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/// Adds term(tag, i) for all i. The term is a float vector; its sum is taken in double.
template<typename Term, typename TailTerm>
HWY_INLINE double sumTerms(std::size_t n, const Term& term, const TailTerm& tailTerm)
{
    const Floats d;
    const Doubles wide;
    constexpr std::size_t width = hn::MaxLanes(Floats());
    constexpr std::size_t wideWidth = hn::MaxLanes(Doubles());
    hn::Vec<Doubles> vectors[lanes / wideWidth];
    for (auto& vector : vectors)
        vector = hn::Zero(wide);
    HWY_ALIGN float block[lanes];
    const hn::Rebind<float, Doubles> narrow;
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        for (std::size_t part = 0; part < lanes; part += width)
            hn::Store(term(d, i + part), d, block + part);
        for (std::size_t part = 0; part < lanes; part += wideWidth) {
            auto& vector = vectors[part / wideWidth];
            vector = hn::Add(vector, hn::PromoteTo(wide, hn::Load(narrow, block + part)));
        }
    }
    HWY_ALIGN double sums[lanes];
    for (std::size_t part = 0; part < lanes; part += wideWidth)
        hn::Store(vectors[part / wideWidth], wide, sums + part);
    for (std::size_t lane = 0; i < n; ++i, ++lane)
        sums[lane] += double(tailTerm(i));
    return foldLanes(sums);
}

double absSum(const float* x, std::size_t n)
{
    return sumTerms(
        n, [=](auto d, std::size_t i) HWY_ATTR { return hn::Abs(hn::LoadU(d, x + i)); },
        [=](std::size_t i) { return std::abs(x[i]); });
}

float absMax(const float* x, std::size_t n)
{
    const hn::ScalableTag<float> d;
    const std::size_t width = hn::Lanes(d);
    auto peaks = hn::Zero(d);
    std::size_t i = 0;
    for (; i + width <= n; i += width)
        peaks = hn::Max(peaks, hn::Abs(hn::LoadU(d, x + i)));
    float peak = hn::GetLane(hn::MaxOfLanes(d, peaks));
    for (; i < n; ++i)
        peak = std::max(peak, std::abs(x[i]));
    return peak;
}

double stepGradient(const float* g, const float* u, const float* q, float qn, float qp,
                    float beyond, std::size_t n)
{
    const auto term = [=](auto d, std::size_t i) HWY_ATTR {
        const auto vu = hn::LoadU(d, u + i);
        const auto vq = hn::LoadU(d, q + i);
        const auto inside = hn::And(hn::Lt(hn::Set(d, qn), vu), hn::Lt(vu, hn::Set(d, qp)));
        const auto slope = hn::Sub(vq, hn::IfThenElse(inside, vu, hn::Set(d, beyond)));
        return hn::Mul(hn::LoadU(d, g + i), slope);
    };
    const auto tail = [=](std::size_t i) {
        return g[i] * (q[i] - (qn < u[i] && u[i] < qp ? u[i] : beyond));
    };
    return sumTerms(n, term, tail);
}

/// Sum of g where low < u < high is `wanted`.
template<bool wanted>
HWY_INLINE double sumWhere(const float* g, const float* u, float low, float high, std::size_t n)
{
    const auto term = [=](auto d, std::size_t i) HWY_ATTR {
        const auto vu = hn::LoadU(d, u + i);
        const auto inside = hn::And(hn::Lt(hn::Set(d, low), vu), hn::Lt(vu, hn::Set(d, high)));
        const auto vg = hn::LoadU(d, g + i);
        return wanted ? hn::IfThenElseZero(inside, vg) : hn::IfThenZeroElse(inside, vg);
    };
    const auto tail = [=](std::size_t i) {
        return (low < u[i] && u[i] < high) == wanted ? g[i] : 0.0f;
    };
    return sumTerms(n, term, tail);
}

double sumBetween(const float* g, const float* u, float low, float high, std::size_t n)
{
    return sumWhere<true>(g, u, low, high, n);
}

double sumOutside(const float* g, const float* u, float low, float high, std::size_t n)
{
    return sumWhere<false>(g, u, low, high, n);
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::tile {

HWY_EXPORT(absSum);
HWY_EXPORT(absMax);
HWY_EXPORT(stepGradient);
HWY_EXPORT(sumBetween);
HWY_EXPORT(sumOutside);

double absSum(const float* x, std::size_t n)
{
    return HWY_DYNAMIC_DISPATCH(absSum)(x, n);
}

float absMax(const float* x, std::size_t n)
{
    return HWY_DYNAMIC_DISPATCH(absMax)(x, n);
}

double stepGradient(const float* g, const float* u, const float* q, float qn, float qp,
                    float beyond, std::size_t n)
{
    return HWY_DYNAMIC_DISPATCH(stepGradient)(g, u, q, qn, qp, beyond, n);
}

double sumBetween(const float* g, const float* u, float low, float high, std::size_t n)
{
    return HWY_DYNAMIC_DISPATCH(sumBetween)(g, u, low, high, n);
}

double sumOutside(const float* g, const float* u, float low, float high, std::size_t n)
{
    return HWY_DYNAMIC_DISPATCH(sumOutside)(g, u, low, high, n);
}

} // namespace stair::tile
#endif
