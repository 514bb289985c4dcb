#pragma once

#include "core/nn/stage_plan.h"

#include <vector>

namespace stair {

/// By stage: the group whose joins' quantizer serves the stage's result, -1 without. A join of the
/// policy `shared` puts both of its branches and its sum into one group, and joins that hand each
/// other their skips, moved or not, are one. Throws Error where a branch is the image.
std::vector<int> joinGroups(const std::vector<Stage>& stages);

} // namespace stair
