#include "core/ops/hard_rule.h"

#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

void applyHardRule(const HardRule& rule, std::span<const float> u, float low, float high,
                   std::span<float> q)
{
    switch (rule.kind) {
    case HardRule::Kind::NearestEven:
        tile::roundClamp(u.data(), low, high, q.data(), u.size());
        break;
    case HardRule::Kind::Ceil:
        std::ranges::transform(u, q.begin(),
                               [=](float v) { return std::clamp(std::ceil(v), low, high); });
        break;
    case HardRule::Kind::Sign:
        std::ranges::transform(u, q.begin(), [](float v) { return v >= 0 ? 1.0f : -1.0f; });
        break;
    case HardRule::Kind::Thresholds:
        std::ranges::transform(u, q.begin(), [&rule](float v) {
            const auto above = std::ranges::lower_bound(rule.thresholds, v);
            return rule.codes[std::size_t(above - rule.thresholds.begin())];
        });
        break;
    }
}

} // namespace stair
