#include "core/session/seed_groups.h"

#include "core/session/spec_difference.h"

#include <algorithm>

namespace stair {

namespace {

bool differInSeedAlone(const Json& first, const Json& second)
{
    return std::ranges::all_of(
        specDifferences(first, second),
        [](const SpecDifference& difference) { return difference.key == "seed"; });
}

} // namespace

std::vector<std::vector<std::size_t>> seedGroups(std::span<const Json> specs)
{
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        if (specs[i].is_null())
            continue;
        const auto known = std::ranges::find_if(groups, [&](const auto& group) {
            return differInSeedAlone(specs[group[0]], specs[i]);
        });
        if (known != groups.end())
            known->push_back(i);
        else
            groups.push_back({i});
    }
    std::erase_if(groups, [](const auto& group) { return group.size() < 2; });
    return groups;
}

} // namespace stair
