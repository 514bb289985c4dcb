#pragma once

#include "core/analysis/sensitivity.h"
#include "core/base/json.h"

#include <vector>

namespace stair {

// The lines of a map's file. Wall-clock values stand under "t" alone.

/// One cell; `base` is the base's top-1.
Json cellLine(const SensitivityLayer& layer, const SensitivityCell& cell,
              const SensitivityResult& result, double base);

/// Whether a line is that cell's.
bool isCell(const Json& line, const SensitivityLayer& layer, const SensitivityCell& cell);

/// {mode: {proxy: coefficient}} between the accuracy lost and each proxy that the mode's cells
/// have (Spearman); null where there are too few cells or nothing varies.
Json proxyCorrelations(const std::vector<Json>& lines);

} // namespace stair
