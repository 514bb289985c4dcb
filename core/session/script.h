#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <vector>

namespace stair {

/// A command that a run received before step `step`, to be given again at that step.
struct ScriptedCommand
{
    std::int64_t step = 0;
    Json command;

    bool operator==(const ScriptedCommand&) const = default;
};

/// The "set" commands among a run's events that act after step `after`, in order of their steps:
/// what a resumed or replayed run needs to become the same run. Pauses and stops change nothing
/// that is computed and are left out.
std::vector<ScriptedCommand> setCommands(const std::vector<Json>& events, std::int64_t after);

} // namespace stair
