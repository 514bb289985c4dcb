#pragma once

#include <span>

namespace stair {

/// Spearman's coefficient: the linear correlation of the ranks, equal values sharing their mean
/// rank. From -1 to 1; NaN for fewer than three pairs and where one side is all equal.
double rankCorrelation(std::span<const double> x, std::span<const double> y);

} // namespace stair
