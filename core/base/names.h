#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stair {

/// The known name with a part that takes the fewest edits (Levenshtein) from `name`, so that a beginning
/// finds the whole; of equal ones the nearest as a whole. Empty when `known` is empty.
std::string nearestName(std::string_view name, std::span<const std::string> known);

/// "unknown KIND 'name'; did you mean 'nearest'? Known: a, b, c"
std::string unknownName(std::string_view kind, std::string_view name,
                        std::span<const std::string> known);

/// Whether the whole name fits a pattern: * stands for any text, ? for one character.
bool matches(std::string_view name, std::string_view pattern);

/// "a, b, c"
std::string joinNames(std::span<const std::string> names, std::string_view between = ", ");

} // namespace stair
