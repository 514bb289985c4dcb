#include "core/analysis/rank_correlation.h"

#include "core/base/assert.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace stair {

namespace {

std::vector<double> ranks(std::span<const double> x)
{
    std::vector<std::size_t> order(x.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::ranges::sort(order, {}, [x](std::size_t i) { return x[i]; });
    std::vector<double> result(x.size());
    for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
        while (end < order.size() && x[order[end]] == x[order[first]])
            ++end;
        for (std::size_t i = first; i < end; ++i)
            result[order[i]] = double(first + end - 1) / 2;
    }
    return result;
}

} // namespace

double rankCorrelation(std::span<const double> x, std::span<const double> y)
{
    require(x.size() == y.size(), "ranks are compared in pairs");
    const std::vector<double> a = ranks(x), b = ranks(y);
    const double mean = (double(x.size()) - 1) / 2;
    double aa = 0, bb = 0, ab = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        aa += (a[i] - mean) * (a[i] - mean);
        bb += (b[i] - mean) * (b[i] - mean);
        ab += (a[i] - mean) * (b[i] - mean);
    }
    if (x.size() < 3 || aa == 0 || bb == 0)
        return std::numeric_limits<double>::quiet_NaN();
    return ab / std::sqrt(aa * bb);
}

} // namespace stair
