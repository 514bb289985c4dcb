#pragma once

#include "core/base/json.h"

#include <span>
#include <string>
#include <vector>

namespace stair {

/// The likeliest `top` classes first: {"class", "name", "logit", "probability"}. `names` in the order of
/// the logits; a class without one is called by its number.
Json ranking(std::span<const float> logits, const std::vector<std::string>& names, int top);

/// "cat 91.20 %, dog 6.10 %"
std::string rankingText(const Json& classes);

} // namespace stair
