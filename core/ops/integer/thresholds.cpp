#include "core/ops/integer/thresholds.h"

#include "core/ops/reference/ref_hard_rule.h"

#include <algorithm>

namespace stair {

namespace {

/// The least acc from `low` to `high` that `holds`, which once true stays true; high + 1 if none.
template<typename Holds>
std::int64_t firstWhere(std::int64_t low, std::int64_t high, const Holds& holds)
{
    std::int64_t end = high + 1;
    while (low < end) {
        const std::int64_t middle = low + (end - low) / 2;
        if (holds(middle))
            end = middle;
        else
            low = middle + 1;
    }
    return low;
}

} // namespace

int ChannelThresholds::code(std::int64_t acc) const
{
    const auto reached = std::ranges::count_if(
        at, [&](std::int64_t t) { return descending ? acc <= t : acc >= t; });
    return levels[std::size_t(reached)];
}

std::vector<int> levelsOf(const HardRule& rule, int low, int high)
{
    std::vector<int> levels;
    if (rule.kind == HardRule::Kind::Thresholds) {
        for (const float code : rule.codes)
            levels.push_back(int(std::clamp(code, float(low), float(high))));
    } else {
        for (int u = low - 1; u <= high + 1; ++u)
            levels.push_back(int(refHardRule(rule, float(u), float(low), float(high))));
    }
    std::ranges::sort(levels);
    const auto rest = std::ranges::unique(levels);
    levels.erase(rest.begin(), rest.end());
    return levels;
}

ChannelThresholds thresholds(float m, float b, const HardRule& rule, int low, int high,
                             std::int64_t accLow, std::int64_t accHigh)
{
    const auto code = [&](std::int64_t acc) {
        const float product = float(acc) * m;
        return int(refHardRule(rule, product + b, float(low), float(high)));
    };
    ChannelThresholds result;
    result.descending = m < 0;
    result.levels = levelsOf(rule, low, high);
    for (std::size_t j = 1; j < result.levels.size(); ++j) {
        const int level = result.levels[j];
        if (result.descending)
            result.at.push_back(
                firstWhere(accLow, accHigh, [&](auto acc) { return code(acc) < level; }) - 1);
        else
            result.at.push_back(
                firstWhere(accLow, accHigh, [&](auto acc) { return code(acc) >= level; }));
    }
    return result;
}

} // namespace stair
