#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace stair {

/// A JSON document that comes with the program.
struct JsonResource
{
    std::string id; // its file's name without ".json"
    Json json;
};

/// All documents of a folder of resources/ ("presets", "presets/cards"), by id; folders in it are
/// left out. Throws Error when one is not JSON.
std::vector<JsonResource> readResources(const std::string& folder);

} // namespace stair
