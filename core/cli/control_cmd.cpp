#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/cli/commands.h"
#include "core/session/run_folder.h"
#include "core/train/trainer.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace stair {

namespace {

struct ControlOptions
{
    std::string run;
    std::string action;
    std::string assignment;
};

Json commandOf(const ControlOptions& options)
{
    if (options.action != "set") {
        if (!options.assignment.empty())
            throw Error(concat("only `set` takes KEY=VALUE, not `", options.action, "`"));
        return {{"command", options.action}};
    }
    const std::size_t equals = options.assignment.find('=');
    if (equals == std::string::npos || equals == 0)
        throw Error("set takes KEY=VALUE, as in training.optimizer.learning_rate=0.01");
    const std::string text = options.assignment.substr(equals + 1);
    Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded())
        value = text;
    return {{"command", "set"},
            {"key", options.assignment.substr(0, equals)},
            {"value", std::move(value)}};
}

int control(const ControlOptions& options, const Console& console)
{
    const RunFolder folder = RunFolder::open(options.run);
    const Json command = commandOf(options);
    if (options.action == "set")
        checkChange(folder.spec(), command["key"], command["value"]);
    if (!folder.hasWorker())
        throw Error(concat(options.run,
                           " is not being worked on; start it with `stair run --resume ",
                           options.run, "`"));
    folder.command(command);
    console.result({{"sent", command}}, concat("sent: ", command.dump()));
    return 0;
}

} // namespace

CommandInfo controlCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<ControlOptions>();
        const std::vector<std::string> actions
            = {"pause", "resume", "step", "stop", "checkpoint", "set"};
        app.add_option("RUNDIR", options->run, "The folder of a run that is on")->required();
        app.add_option("ACTION", options->action, "What it is to do")
            ->required()
            ->check(CLI::IsMember(actions));
        app.add_option("KEY=VALUE", options->assignment, "For set: the new value of a setting");
        return [options](const Console& console) {
            return control(*options, console);
        };
    };
    return {"control", "Pause, resume, step, stop or change a run that is on", describe};
}

} // namespace stair
