#pragma once

#include "core/train/observer.h"

#include <optional>
#include <string_view>

namespace stair {

/// What stepLine() wrote, read without building a JSON value: most of a long run's log are such
/// lines. Nothing when the line is any other, or is spelt otherwise.
std::optional<StepReport> readStepLine(std::string_view line);

/// The same from the parsed line: whatever is missing reads as nothing, null as not a number.
StepReport stepOf(const Json& event);

} // namespace stair
