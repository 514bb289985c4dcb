#include "core/session/script.h"

#include "core/base/files.h"
#include "core/session/event_lines.h"
#include "core/session/line_reader.h"
#include "core/train/observer.h"

#include <algorithm>

namespace stair {

std::vector<ScriptedCommand> scriptOf(const std::vector<Json>& events, std::int64_t from)
{
    std::vector<ScriptedCommand> script;
    bool isPausedByGuard = false;
    for (const Json& event : events) {
        const std::string kind = event.value("event", "");
        const auto step = event.value("step", std::int64_t(0));
        if (kind == "paused")
            isPausedByGuard = isGuardsReason(event.value("reason", ""));
        if (step < from)
            continue;
        const Json command = kind == "command" ? event.value("command", Json()) : Json();
        const std::string name = command.is_object() ? command.value("command", "") : "";
        if (name == "set" || name == "resume") // the latter from a script's file alone
            script.push_back({step, command});
        if (kind == "resumed" && isPausedByGuard)
            script.push_back({step, {{"command", "resume"}}});
    }
    std::ranges::stable_sort(script, {}, &ScriptedCommand::step);
    return script;
}

void writeScript(const std::filesystem::path& file, const std::vector<ScriptedCommand>& script)
{
    std::string lines;
    for (const ScriptedCommand& scripted : script)
        lines += toLine(commandLine(scripted.step, scripted.command)) + "\n";
    writeFileAtomically(file, lines);
}

std::vector<ScriptedCommand> pendingScript(const std::filesystem::path& file,
                                           const std::vector<Json>& earlier,
                                           const std::vector<Json>& later, std::int64_t from)
{
    std::vector<ScriptedCommand> script = scriptOf(later, from);
    const std::vector<ScriptedCommand> done = scriptOf(earlier, from);
    for (ScriptedCommand& scripted : scriptOf(readLines(file), from)) {
        const auto isThere = [&scripted](const std::vector<ScriptedCommand>& list) {
            return std::ranges::find(list, scripted) != list.end();
        };
        if (!isThere(script) && !isThere(done))
            script.push_back(std::move(scripted));
    }
    std::ranges::stable_sort(script, {}, &ScriptedCommand::step);
    return script;
}

} // namespace stair
