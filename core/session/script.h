#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace stair {

/// A command that a run received when `step` steps were done, to be given again at that moment.
struct ScriptedCommand
{
    std::int64_t step = 0;
    Json command;

    bool operator==(const ScriptedCommand&) const = default;
};

/// What a resumed or replayed run needs of its events to become the same run, from step `from` on:
/// the "set" commands, and a "resume" where a guard had paused it; in order of their steps.
std::vector<ScriptedCommand> scriptOf(const std::vector<Json>& events, std::int64_t from);

// A run that is resumed or replayed keeps the commands still to come in its script.jsonl, as events'
// "command" lines: killed again, it still knows them.

/// Replaces the file. Throws Error when the folder is full.
void writeScript(const std::filesystem::path& file, const std::vector<ScriptedCommand>& script);

/// What is still to come for a run that goes on from a checkpoint of step `from`: what its `later`
/// events say, and what the file has beyond that and beyond the `earlier` events, which the
/// checkpoint holds already.
std::vector<ScriptedCommand> pendingScript(const std::filesystem::path& file,
                                           const std::vector<Json>& earlier,
                                           const std::vector<Json>& later, std::int64_t from);

} // namespace stair
