#pragma once

#include "core/cli/console.h"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace stair {

/// One command of the program `stair`.
struct CommandInfo
{
    /// Does the work once the options have been read; gives the exit code.
    using Action = std::function<int(const Console&)>;

    std::string name;
    std::string help;
    std::function<Action(CLI::App&)> describeOptions; // the action keeps what they are read into
};

/// All commands, in the order of the help.
const std::vector<CommandInfo>& commands();

CommandInfo runCommand();
CommandInfo listCommand();
CommandInfo summaryCommand();
CommandInfo evalCommand();
CommandInfo layersCommand();
CommandInfo inspectCommand();
CommandInfo sensitivityCommand();
CommandInfo proposeCommand();
CommandInfo exportCommand();
CommandInfo verifyCommand();
CommandInfo predictCommand();
CommandInfo compareCommand();
CommandInfo conformanceCommand();
CommandInfo diagnoseCommand();
CommandInfo controlCommand();
CommandInfo probeCommand();
CommandInfo benchCommand();
CommandInfo cardCommand();

} // namespace stair
