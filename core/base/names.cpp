#include "core/base/names.h"

#include "core/base/concat.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace stair {

namespace {

/// Edits from `a` to all of `b`, or to the part of `b` that is nearest to it.
std::size_t editDistance(std::string_view a, std::string_view b, bool toPart)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = toPart ? 0 : j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return toPart ? std::ranges::min(row) : row[b.size()];
}

} // namespace

std::string nearestName(std::string_view name, std::span<const std::string> known)
{
    const auto distance = [name](const std::string& candidate) {
        return std::pair(editDistance(name, candidate, true), editDistance(name, candidate, false));
    };
    const auto nearest = std::ranges::min_element(known, {}, distance);
    return nearest == known.end() ? std::string() : *nearest;
}

std::string unknownName(std::string_view kind, std::string_view name,
                        std::span<const std::string> known)
{
    const std::string what = concat("unknown ", kind, " '", name, "'");
    if (known.empty())
        return what;
    return concat(what, "; did you mean '", nearestName(name, known),
                  "'? Known: ", joinNames(known));
}

std::string joinNames(std::span<const std::string> names, std::string_view between)
{
    std::string text;
    for (const std::string& name : names)
        text.append(text.empty() ? "" : between).append(name);
    return text;
}

bool matches(std::string_view name, std::string_view pattern)
{
    if (pattern.empty())
        return name.empty();
    if (pattern.front() == '*')
        return matches(name, pattern.substr(1))
            || (!name.empty() && matches(name.substr(1), pattern));
    return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front())
        && matches(name.substr(1), pattern.substr(1));
}

} // namespace stair
