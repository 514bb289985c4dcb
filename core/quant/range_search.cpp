#include "core/quant/range_search.h"

#include "core/ops/simd/tile_kernels.h"
#include "core/quant/steps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace stair {

namespace {

constexpr std::size_t fitBlock = 4096;
constexpr int coarsePerOctave = 32;
constexpr int fineForLevel = 16; // times qp, in an octave: where the outer codes turn
constexpr int leastFine = 256;
constexpr double promising = 1.3; // times the least coarse error
constexpr double smallestClip = 1.0 / 1024; // of the peak
constexpr double greatestStep = 4; // times the unclipped one
constexpr std::size_t refinedMinima = 32;
constexpr int refinements = 20;
constexpr std::size_t mostValuesAtOnce = std::size_t(1) << 20; // MeanSquare: above, by histogram

/// What quantizing to one step leaves: with the codes held, product / squares is the best step.
struct Fit
{
    double error = 0; // sum of weight * (x - step * code)^2
    double product = 0; // of weight * x * code
    double squares = 0; // of weight * code^2
};

Fit fitOfBlock(std::span<const float> x, const float* weights, float step, const Grid& grid)
{
    std::array<float, fitBlock> q;
    tile::scale(x.data(), 1 / step, q.data(), x.size());
    tile::roundClamp(q.data(), float(grid.qn), float(grid.qp), q.data(), x.size());
    Fit fit;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double weight = weights ? double(weights[i]) : 1;
        const double code = double(q[i]), value = double(x[i]);
        const double error = value - double(step) * code;
        fit.error += weight * error * error;
        fit.product += weight * value * code;
        fit.squares += weight * code * code;
    }
    return fit;
}

Fit fitGrid(std::span<const float> x, std::span<const float> weights, double step, const Grid& grid)
{
    const std::int64_t blocks = std::int64_t((x.size() + fitBlock - 1) / fitBlock);
    std::vector<Fit> fits(std::size_t(blocks), Fit{});
#pragma omp parallel for schedule(static) if (blocks > 1)
    for (std::int64_t i = 0; i < blocks; ++i) {
        const std::size_t first = std::size_t(i) * fitBlock;
        fits[std::size_t(i)]
            = fitOfBlock(x.subspan(first, std::min(fitBlock, x.size() - first)),
                         weights.empty() ? nullptr : weights.data() + first, float(step), grid);
    }
    Fit sum;
    for (const Fit& fit : fits) {
        sum.error += fit.error;
        sum.product += fit.product;
        sum.squares += fit.squares;
    }
    return sum;
}

struct Candidate
{
    double step = 0;
    double error = std::numeric_limits<double>::infinity();
};

/// The candidates that are no worse than their neighbours, best first.
std::vector<Candidate> localMinima(const std::vector<Candidate>& all)
{
    std::vector<Candidate> minima;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool belowLeft = i == 0 || all[i].error <= all[i - 1].error;
        const bool belowRight = i + 1 == all.size() || all[i].error <= all[i + 1].error;
        if (belowLeft && belowRight)
            minima.push_back(all[i]);
    }
    std::ranges::stable_sort(minima, {}, &Candidate::error);
    return minima;
}

double zeroSafe(double step)
{
    return std::isfinite(step) ? std::max<double>(smallestStep, step) : step;
}

double divergenceClip(const ValueHistogram& x, const Grid& grid)
{
    const std::vector<double> counts = x.magnitudes(divergenceBins);
    return double(x.peak()) * leastDivergenceBins(counts, grid) / divergenceBins;
}

/// sum P log(P / Q) for the first `kept` bins, `clipped` of `total` lying beyond them.
double divergence(std::span<const double> counts, std::size_t kept, double clipped, double total,
                  const Grid& grid)
{
    const double step = stepForClip(double(kept), grid);
    std::vector<double> mass(std::size_t(grid.qp) + 1, 0.0), filled(mass.size(), 0.0);
    const auto levelOf = [&](std::size_t bin) {
        const double code = std::nearbyint((double(bin) + 0.5) / step);
        return std::size_t(std::min(code, double(grid.qp)));
    };
    for (std::size_t bin = 0; bin < kept; ++bin) {
        if (counts[bin] == 0)
            continue;
        mass[levelOf(bin)] += counts[bin];
        filled[levelOf(bin)] += 1;
    }
    double sum = 0;
    for (std::size_t bin = 0; bin < kept; ++bin) {
        if (counts[bin] == 0)
            continue;
        const double p = (counts[bin] + (bin + 1 == kept ? clipped : 0)) / total;
        const std::size_t level = levelOf(bin);
        const double q = mass[level] / filled[level] / (total - clipped);
        sum += p * std::log(p / q);
    }
    return sum;
}

} // namespace

double stepForClip(double clip, const Grid& grid)
{
    return clip * (grid.isSigned ? 2 : 1) / (grid.levels() - 1);
}

float percentileMagnitude(std::span<const float> x, double percent)
{
    std::vector<float> magnitudes(x.size());
    std::ranges::transform(x, magnitudes.begin(), [](float v) { return std::abs(v); });
    const std::int64_t rank = percentileRank(percent, std::int64_t(x.size()));
    const auto at = magnitudes.begin() + std::max<std::int64_t>(rank - 1, 0);
    std::ranges::nth_element(magnitudes, at);
    return *at;
}

double leastSquaresStep(std::span<const float> x, std::span<const float> weights, const Grid& grid)
{
    const double peak = tile::absMax(x.data(), x.size());
    if (!(peak > 0) || !std::isfinite(peak))
        return peak;
    // Beyond the peak a step has but one level to offer, and the peak itself is the better one.
    const double most = std::min(peak, greatestStep * peak / grid.qp);
    const double least = smallestClip * peak / grid.qp;
    const auto scan = [&](double from, double to, int perOctave) {
        std::vector<Candidate> candidates;
        for (int i = 0; candidates.empty() || candidates.back().step > to; ++i) {
            const double step = from * std::exp2(-double(i) / perOctave);
            candidates.push_back({step, fitGrid(x, weights, step, grid).error});
        }
        return candidates;
    };
    const std::vector<Candidate> coarse = scan(most, least, coarsePerOctave);
    const double bound = promising * std::ranges::min(coarse, {}, &Candidate::error).error;
    double from = least, to = most;
    for (const Candidate& candidate : coarse) {
        if (candidate.error > bound)
            continue;
        from = std::max(from, candidate.step);
        to = std::min(to, candidate.step);
    }
    std::vector<Candidate> minima
        = localMinima(scan(from, to, std::max(leastFine, fineForLevel * grid.qp)));
    minima.resize(std::min(minima.size(), refinedMinima));
    Candidate best;
    for (Candidate now : minima) {
        for (int i = 0; i < refinements; ++i) {
            const Fit fit = fitGrid(x, weights, now.step, grid);
            now.error = fit.error;
            if (now.error < best.error)
                best = now;
            const double next = fit.product / fit.squares;
            if (!(fit.squares > 0) || !(std::abs(next - now.step) > 1e-6 * now.step))
                break;
            now.step = next;
        }
    }
    return best.step;
}

int leastDivergenceBins(std::span<const double> counts, const Grid& grid)
{
    double total = 0;
    for (const double count : counts)
        total += count;
    std::size_t best = counts.size();
    double least = std::numeric_limits<double>::infinity(), clipped = 0;
    for (std::size_t kept = counts.size(); total > 0 && kept > std::size_t(grid.qp); --kept) {
        const double last = counts[kept - 1];
        if (last > 0 || clipped == 0) {
            const double now = divergence(counts, kept, clipped, total, grid);
            if (now < least) {
                least = now;
                best = kept;
            }
        }
        clipped += last;
    }
    return int(best);
}

double searchStep(const RangeOptions& options, std::span<const float> x, const Grid& grid)
{
    if (!std::ranges::all_of(x, [](float v) { return std::isfinite(v); }))
        return std::numeric_limits<double>::quiet_NaN();
    const float peak = tile::absMax(x.data(), x.size());
    if (!(peak > 0))
        return zeroSafe(double(peak));
    const auto byHistogram = [&] {
        ValueHistogram histogram(peak);
        histogram.add(x);
        return searchStep(options, histogram, grid);
    };
    switch (options.criterion) {
    case RangeCriterion::MinMax:
        break;
    case RangeCriterion::Percentile:
        if (const float clip = percentileMagnitude(x, options.percentile); clip > 0)
            return zeroSafe(stepForClip(double(clip), grid));
        break; // so many zeros that no range is left
    case RangeCriterion::MeanSquare:
        return x.size() > mostValuesAtOnce ? byHistogram()
                                           : zeroSafe(leastSquaresStep(x, {}, grid));
    case RangeCriterion::Divergence:
        return x.size() < divergenceBins ? zeroSafe(leastSquaresStep(x, {}, grid)) : byHistogram();
    }
    return zeroSafe(stepForClip(double(peak), grid));
}

double searchStep(const RangeOptions& options, const ValueHistogram& x, const Grid& grid)
{
    if (!(x.peak() > 0) || !std::isfinite(x.peak()))
        return zeroSafe(double(x.peak()));
    switch (options.criterion) {
    case RangeCriterion::MinMax:
        break;
    case RangeCriterion::Percentile:
        if (const float clip = x.percentile(options.percentile); clip > 0)
            return zeroSafe(stepForClip(double(clip), grid));
        break;
    case RangeCriterion::Divergence:
        if (x.count() - x.zeros() >= divergenceBins)
            return zeroSafe(stepForClip(divergenceClip(x, grid), grid));
        [[fallthrough]];
    case RangeCriterion::MeanSquare: {
        const ValueHistogram::Points points = x.points();
        return zeroSafe(leastSquaresStep(points.values, points.weights, grid));
    }
    }
    return zeroSafe(stepForClip(double(x.peak()), grid));
}

} // namespace stair
