#include "widgets/plot/histogram_bars.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stair {

double total(const HistogramSeries& series)
{
    return std::max(1.0, std::accumulate(series.counts.begin(), series.counts.end(), 0.0));
}

HistogramBars barsOf(const HistogramSeries& series, double origin, double width)
{
    constexpr double nothing = 1e-9; // of a bar: rounding
    const auto place = [&](double x) {
        return (x - origin) / width;
    };
    const double first = std::floor(place(series.edges.front()) + nothing);
    const double last = std::ceil(place(series.edges.back()) - nothing);
    HistogramBars bars{origin + first * width, width, {}};
    bars.shares.resize(std::size_t(std::max(0.0, last - first)), 0);
    for (std::size_t bin = 0; bin < series.counts.size(); ++bin) {
        const double from = place(series.edges[bin]) - first;
        const double to = place(series.edges[bin + 1]) - first;
        const double share = 100 * series.counts[bin] / total(series) / (to - from);
        for (auto bar = std::size_t(from + nothing); bar < bars.shares.size(); ++bar) {
            const double overlap = std::min(to, double(bar) + 1) - std::max(from, double(bar));
            if (overlap <= nothing)
                break;
            bars.shares[bar] += share * overlap;
        }
    }
    return bars;
}

} // namespace stair
