#include "core/cli/command_line.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/cli/commands.h"
#include "core/ops/integer/kernel_break.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <unistd.h>

namespace stair {

namespace {

int complain(std::string text, int code)
{
    std::ranges::replace(text, '\n', ' ');
    std::cerr << "stair: " << text << std::endl;
    return code;
}

/// CLI11 would call a misspelt command an unexpected argument.
void checkName(const std::string& name)
{
    std::vector<std::string> names;
    for (const CommandInfo& command : commands())
        names.push_back(command.name);
    if (!name.starts_with("-") && std::ranges::find(names, name) == names.end())
        throw Error(unknownName("command", name, names));
}

int parseAndRun(int argc, const char* const* argv)
{
    if (argc > 1)
        checkName(argv[1]);
    CLI::App app("Trains quantized networks and evaluates what ships: the integer program.",
                 "stair");
    app.set_version_flag("--version", STAIR_VERSION);
    app.require_subcommand(1);
    Console console{.out = std::cout, .err = std::cerr};
    std::map<const CLI::App*, CommandInfo::Action> actions;
    for (const CommandInfo& command : commands()) {
        CLI::App* sub = app.add_subcommand(command.name, command.help);
        actions[sub] = command.describeOptions(*sub);
        sub->add_flag("--json", console.json, "One JSON document on stdout, progress on stderr");
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) // --help, --version
            return app.exit(error);
        return complain(concat(error.what(), "; see `stair --help`"), exitBadInput);
    }
    if (const std::string warning = KernelBreak::fromEnvironment().warning(); !warning.empty())
        std::cerr << "stair: " << warning << std::endl;
    console.terminal = ::isatty(console.json ? STDERR_FILENO : STDOUT_FILENO) == 1;
    return actions.at(app.get_subcommands().front())(console);
}

} // namespace

int runCommandLine(int argc, const char* const* argv)
{
    try {
        return parseAndRun(argc, argv);
    } catch (const Error& error) {
        return complain(error.what(), exitBadInput);
    } catch (const std::exception& error) {
        return complain(error.what(), exitFailed);
    }
}

} // namespace stair
