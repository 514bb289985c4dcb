#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/data/batch_loader.h"

#include <algorithm>
#include <numeric>

namespace stair {

namespace {

/// Images of each class, in order.
std::vector<std::vector<std::uint32_t>> byClass(const ImageSet& set)
{
    std::vector<std::vector<std::uint32_t>> groups;
    for (std::uint32_t i = 0; i < std::uint32_t(set.count()); ++i) {
        const std::size_t label = set.labels[i];
        if (label >= groups.size())
            groups.resize(label + 1);
        groups[label].push_back(i);
    }
    return groups;
}

/// How many of each group to hold so that the sum is `held`: the share rounded down, then one more
/// for the largest remainders (the lower class first where they tie).
std::vector<std::size_t> shares(const std::vector<std::vector<std::uint32_t>>& groups,
                                std::size_t held, std::size_t count)
{
    std::vector<std::size_t> share;
    std::vector<std::size_t> remainder;
    for (const auto& group : groups) {
        share.push_back(group.size() * held / count);
        remainder.push_back(group.size() * held % count);
    }
    std::vector<std::size_t> order(groups.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::ranges::stable_sort(
        order, [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
    const std::size_t given = std::accumulate(share.begin(), share.end(), std::size_t(0));
    for (std::size_t i = 0; i < held - given; ++i)
        ++share[order[i]];
    return share;
}

} // namespace

Split splitValidation(const ImageSet& set, int held, std::uint64_t seed)
{
    if (held < 0 || held >= set.count())
        throw Error(concat("cannot hold back ", held, " of ", set.count(),
                           " training images for validation; choose from 0 to ", set.count() - 1));
    const auto groups = byClass(set);
    const auto share = shares(groups, std::size_t(held), std::size_t(set.count()));
    Split split;
    for (std::size_t label = 0; label < groups.size(); ++label) {
        Random random(seed, RandomUse::Split, label);
        const auto order = random.permutation(std::uint32_t(groups[label].size()));
        for (std::size_t i = 0; i < order.size(); ++i)
            (i < share[label] ? split.validation : split.train).push_back(groups[label][order[i]]);
    }
    std::ranges::sort(split.train);
    std::ranges::sort(split.validation);
    return split;
}

} // namespace stair
