#include "core/session/script.h"

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

} // namespace stair
