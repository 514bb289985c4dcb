#pragma once

#include "core/base/json.h"

#include <cstddef>
#include <span>
#include <vector>

namespace stair {

/// Which of these complete specs (ExperimentSpec::toJson) are one experiment with several seeds: the
/// places of each group of two or more, in their order. Specs that are null stand alone.
std::vector<std::vector<std::size_t>> seedGroups(std::span<const Json> specs);

} // namespace stair
