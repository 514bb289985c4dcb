#include "core/cli/commands.h"

namespace stair {

// To add a command: its file, its name in commands.h and in CMake, and its line here.
const std::vector<CommandInfo>& commands()
{
    static const std::vector<CommandInfo> table = {
        runCommand(),     listCommand(),        summaryCommand(),  evalCommand(),   layersCommand(),
        inspectCommand(), sensitivityCommand(), proposeCommand(),  exportCommand(), verifyCommand(),
        predictCommand(), compareCommand(),     controlCommand(),  cardCommand(),   probeCommand(),
        benchCommand(),   conformanceCommand(), diagnoseCommand(),
    };
    return table;
}

} // namespace stair
