#include "core/session/script.h"

#include "core/base/files.h"
#include "core/session/event_lines.h"
#include "core/session/line_reader.h"

#include <algorithm>

namespace stair {

std::vector<ScriptedCommand> setCommands(const std::vector<Json>& events, std::int64_t from)
{
    std::vector<ScriptedCommand> script;
    for (const Json& event : events) {
        if (event.value("event", "") != "command" || !event.contains("command"))
            continue;
        const Json& command = event["command"];
        const auto step = event.value("step", std::int64_t(0));
        if (step >= from && command.is_object() && command.value("command", "") == "set")
            script.push_back({step, command});
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
                                           const std::vector<Json>& events, std::int64_t from)
{
    std::vector<ScriptedCommand> script = setCommands(events, from);
    for (ScriptedCommand& scripted : setCommands(readLines(file), from)) {
        if (std::ranges::find(script, scripted) == script.end())
            script.push_back(std::move(scripted));
    }
    std::ranges::stable_sort(script, {}, &ScriptedCommand::step);
    return script;
}

} // namespace stair
