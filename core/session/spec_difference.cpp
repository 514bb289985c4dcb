#include "core/session/spec_difference.h"

#include <algorithm>
#include <utility>

namespace stair {

namespace {

using Leaves = std::vector<std::pair<std::string, std::string>>;

std::string valueText(const Json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

void collect(const Json& json, const std::string& key, Leaves& leaves)
{
    if (!json.is_object()) {
        leaves.emplace_back(key, valueText(json));
        return;
    }
    for (const auto& [name, value] : json.items())
        collect(value, key.empty() ? name : key + "." + name, leaves);
}

const std::string* find(const Leaves& leaves, const std::string& key)
{
    const auto found = std::ranges::find(leaves, key, &Leaves::value_type::first);
    return found == leaves.end() ? nullptr : &found->second;
}

bool matters(const std::string& key)
{
    return key != "name" && key != "threads" && key != "schema";
}

} // namespace

std::vector<SpecDifference> specDifferences(const Json& first, const Json& second)
{
    Leaves a, b;
    collect(first, "", a);
    collect(second, "", b);
    std::vector<SpecDifference> differences;
    for (const auto& [key, value] : a) {
        const std::string* other = find(b, key);
        if (matters(key) && (!other || *other != value))
            differences.push_back({key, value, other ? *other : "–"});
    }
    for (const auto& [key, value] : b)
        if (matters(key) && !find(a, key))
            differences.push_back({key, "–", value});
    return differences;
}

} // namespace stair
