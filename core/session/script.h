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

/// The "set" commands among a run's events that came when at least `from` steps were done, in order
/// of their steps: what a resumed or replayed run needs to become the same run. One that a
/// checkpoint of that very step already holds is among them; setting the same twice changes nothing.
std::vector<ScriptedCommand> setCommands(const std::vector<Json>& events, std::int64_t from);

// A run that is resumed or replayed keeps the commands still to come in its script.jsonl, as events'
// "command" lines: killed again, it still knows them.

/// Replaces the file. Throws Error when the folder is full.
void writeScript(const std::filesystem::path& file, const std::vector<ScriptedCommand>& script);

/// What the file and the events together ask for from step `from` on; what both have counts once.
std::vector<ScriptedCommand> pendingScript(const std::filesystem::path& file,
                                           const std::vector<Json>& events, std::int64_t from);

} // namespace stair
