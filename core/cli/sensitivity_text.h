#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace stair {

/// The lines of a map's file as tables of the accuracy lost in points, layers by widths, one a
/// mode, and below each how well the proxies rank its cells.
std::string sensitivityText(const Json& header, const std::vector<Json>& lines,
                            const Json& correlations);

} // namespace stair
