#include "core/session/file_controls.h"

#include <chrono>
#include <thread>

namespace stair {

FileControls::FileControls(const RunFolder& folder, std::int64_t offset,
                           std::vector<ScriptedCommand> script)
    : m_reader(folder.controlFile(), offset)
    , m_script(std::move(script))
{
}

std::vector<Json> FileControls::poll(std::int64_t step)
{
    std::vector<Json> commands;
    for (; m_next < m_script.size() && m_script[m_next].step < step; ++m_next)
        commands.push_back(m_script[m_next].command);
    for (Json& line : m_reader.read()) {
        if (line.contains("command") && line["command"].is_string())
            commands.push_back(std::move(line));
    }
    return commands;
}

std::vector<Json> FileControls::wait(std::int64_t step)
{
    using namespace std::chrono_literals;
    std::vector<Json> commands = poll(step);
    for (int i = 0; i < 10 && commands.empty(); ++i) {
        std::this_thread::sleep_for(20ms);
        commands = poll(step);
    }
    return commands;
}

} // namespace stair
