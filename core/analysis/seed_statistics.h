#pragma once

#include <span>

namespace stair {

/// What the same experiment gave with several seeds.
struct SeedStatistics
{
    int count = 0;
    double mean = 0; // NaN without values
    double deviation = 0; // of the sample (over count - 1); NaN for fewer than two values
    double interval95 = 0; // the mean is known to +- this much at 95 %; NaN for fewer than two
};

/// The interval is Student's: normally spread values, deviation estimated from the values
/// themselves. Values that are no numbers make the result no number.
SeedStatistics seedStatistics(std::span<const double> values);

/// The t that Student's distribution with `freedom` (at least 1) degrees stays within, on both
/// sides, with `probability` (0 to below 1).
double studentQuantile(int freedom, double probability);

} // namespace stair
