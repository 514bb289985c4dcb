#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stair {

/// "0:07", "2:05", "1:02:05"; "-" when not finite.
std::string durationText(double seconds);

/// Seconds of "90", "90s", "10m" or "1.5h". Throws Error for anything else, and unless above 0.
double readDuration(const std::string& text);

/// Bytes of "90kB", "1.5 MB" (thousands), "88KiB", "2MiB" or "90000". Throws Error for anything
/// else, and unless above 0.
std::int64_t readSize(const std::string& text);

/// "61.24 kB"
std::string sizeText(std::int64_t bytes);

/// A share as "87.31 %".
std::string percentText(double share);

/// With `digits` after the point.
std::string fixedText(double value, int digits);

/// Rows under each other, the first `leftColumns` columns flush left and the others flush right; the
/// last line has no '\n'.
std::string tableText(const std::vector<std::vector<std::string>>& rows, std::size_t leftColumns);

/// What an evaluation's line in events.jsonl says, in words: "test top-1 87.31 % (blended 90.20 %),
/// computed by integers".
std::string evaluationText(const Json& evaluation);

/// What must stand behind a method's results: " [lg_lsq: reconstructed from the abstract]"; empty for
/// most, and for an id that is none.
std::string reconstructionText(const std::string& methodId);

} // namespace stair
