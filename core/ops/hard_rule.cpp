#include "core/ops/hard_rule.h"

#include "core/ops/simd/rule_kernels.h"
#include "core/ops/simd/tile_kernels.h"

namespace stair {

void applyHardRule(const HardRule& rule, std::span<const float> u, float low, float high,
                   std::span<float> q)
{
    const std::size_t n = u.size();
    switch (rule.kind) {
    case HardRule::Kind::NearestEven:
        tile::roundClamp(u.data(), low, high, q.data(), n);
        break;
    case HardRule::Kind::Ceil:
        tile::ceilClamp(u.data(), low, high, q.data(), n);
        break;
    case HardRule::Kind::Sign:
        tile::signClamp(u.data(), low, high, q.data(), n);
        break;
    case HardRule::Kind::NearestOdd:
        tile::roundOddClamp(u.data(), low, high, q.data(), n);
        break;
    case HardRule::Kind::Thresholds: {
        std::vector<float> jumps;
        for (std::size_t i = 0; i < rule.thresholds.size(); ++i)
            jumps.push_back(rule.codes[i + 1] - rule.codes[i]);
        tile::thresholdsClamp(u.data(), rule.thresholds.data(), jumps.data(), jumps.size(),
                              rule.codes[0], low, high, q.data(), n);
        break;
    }
    }
}

} // namespace stair
