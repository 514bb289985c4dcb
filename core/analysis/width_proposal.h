#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace stair {

/// A width that one layer can have, and what is known of it.
struct WidthOption
{
    int bits = 0; // of its weights and its input; 0: as the layer is
    std::int64_t bytes = 0; // of its packed weights
    std::int64_t lost = 0; // images of the map that are told wrongly more than by the base
};

/// A choice of one option for each layer.
struct WidthProposal
{
    std::vector<std::size_t> chosen; // index of the layer's option
    std::int64_t bytes = 0;
    std::int64_t lost = 0; // summed: what the layers lose together may be more or less
};

/// The smallest and the largest size that the options allow.
struct SizeRange
{
    std::int64_t least = 0;
    std::int64_t most = 0;
};
SizeRange sizeRange(const std::vector<std::vector<WidthOption>>& layers);

/// The choice that loses the fewest images, summed over the layers, within `budget` bytes; of equal
/// ones the smallest. Exact (a multiple-choice knapsack). Nothing: even the smallest is too large.
std::optional<WidthProposal> proposeWidths(const std::vector<std::vector<WidthOption>>& layers,
                                           std::int64_t budget);

/// What a choice of widths was found to be on images that did not choose it.
struct CheckedWidths
{
    std::int64_t bytes = 0;
    std::int64_t right = 0; // images told rightly, of as many for every choice that is compared
};

/// Smaller and at least as accurate, or more accurate and not larger.
bool isBetter(const CheckedWidths& one, const CheckedWidths& other);

} // namespace stair
