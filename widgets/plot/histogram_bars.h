#pragma once

#include <QString>

#include <vector>

namespace stair {

/// One run's counts in bins between ascending edges (one more than counts).
struct HistogramSeries
{
    QString name;
    int hue = 0;
    int dash = 0;
    std::vector<double> edges;
    std::vector<double> counts;
};

/// Its values, at least 1: what shares are of.
double total(const HistogramSeries& series);

/// Equal bars, in percent of a series' values.
struct HistogramBars
{
    double from = 0;
    double width = 1;
    std::vector<double> shares;
};

/// `series` in bars of `width` from a whole number of widths beside `origin`; a bin that spans several bars
/// is spread evenly.
HistogramBars barsOf(const HistogramSeries& series, double origin, double width);

} // namespace stair
