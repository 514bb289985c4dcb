#include "core/ops/reference/ref_hard_rule.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

float nearestOdd(float u)
{
    const float low = std::floor(u), high = std::ceil(u);
    if (low == high)
        return std::fmod(u, 2.0f) == 0 ? u + 1 : u;
    return std::fmod(low, 2.0f) == 0 ? high : low;
}

float ruled(const HardRule& rule, float u)
{
    switch (rule.kind) {
    case HardRule::Kind::NearestEven:
        return std::nearbyint(u);
    case HardRule::Kind::Ceil:
        return std::ceil(u);
    case HardRule::Kind::Sign:
        return u < 0 ? -1 : 1;
    case HardRule::Kind::NearestOdd:
        return nearestOdd(u);
    case HardRule::Kind::Thresholds:
        break;
    }
    const auto passed = std::ranges::count_if(rule.thresholds, [u](float t) { return t < u; });
    return rule.codes[std::size_t(passed)];
}

} // namespace

float refHardRule(const HardRule& rule, float u, float low, float high)
{
    // Far values are brought in first: above 2^24 a float knows no odd integers.
    const bool isTable = rule.kind == HardRule::Kind::Thresholds;
    return std::clamp(ruled(rule, isTable ? u : std::clamp(u, low - 1, high + 1)), low, high);
}

} // namespace stair
