#pragma once

#include "core/ops/hard_rule.h"

namespace stair {

/// clamp(R(u), low, high) for one value, by the definition of each rule.
float refHardRule(const HardRule& rule, float u, float low, float high);

} // namespace stair
