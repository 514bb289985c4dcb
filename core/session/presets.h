#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace stair {

/// A ready experiment that comes with the program.
struct PresetInfo
{
    std::string id; // "default-float": its file's name without ".json"
    std::string title; // the spec's name
    Json spec;
};

/// All presets, by id.
const std::vector<PresetInfo>& presets();

} // namespace stair
