#include "core/base/concat.h"
#include "core/cli/card_text.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/new_run_options.h"
#include "core/cli/progress.h"
#include "core/cli/text_format.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace stair {

namespace {

struct CardCommandOptions
{
    std::string name;
    std::string budget = "10m";
    std::string from;
    NewRunOptions fresh;
};

int show(const std::string& name, const Console& console)
{
    const PaperCard& shown = card(name);
    console.result(toJson(shown), concat(cardText(shown), "\n  spec\n", shown.spec.dump(2)));
    return 0;
}

/// Why a card that no signal stopped has come to nothing, or an empty text.
std::string failureText(const CardResult& result)
{
    const RunOutcome& last = *result.parts.back().outcome;
    if (last.end == RunEnd::Stopped)
        return concat("the run was given up at step ", last.step, " of ", last.steps,
                      ", by its guards or by a command; see ", last.folder.string());
    return result.reached() ? "" : concat("the run has no result; see ", last.folder.string());
}

int run(const CardCommandOptions& options, const Console& console)
{
    const PaperCard& chosen = card(options.name);
    const CardOptions wanted{.assignments = options.fresh.changes(),
                             .budgetSeconds = readDuration(options.budget),
                             .from = options.from,
                             .out = options.fresh.out};
    const CardSpecs specs = cardSpecs(chosen, wanted); // refused before anything is said
    console.notes() << cardText(chosen) << std::endl;
    if (specs.floatStart)
        console.notes() << "The recipe starts from a float network: one is trained first, within "
                           "the same budget (--from RUNDIR gives one)"
                        << std::endl;
    WorkerOptions worker = workerOptions();
    CardResult result;
    {
        Progress progress(console);
        worker.watcher = &progress;
        result = runCard(chosen, wanted, worker, [&console](const CardPart& part) {
            console.notes() << planText(part) << std::endl;
        });
    }
    console.result(resultDocument(chosen, wanted, result), resultText(chosen, wanted, result));
    if (result.signal() != 0)
        return exitInterrupted;
    if (const std::string failure = failureText(result); !failure.empty()) {
        console.err << "stair: " << failure << std::endl;
        return exitFailed;
    }
    return 0;
}

CLI::App* addAction(CLI::App& app, const char* name, const char* help)
{
    CLI::App* action = app.add_subcommand(name, help);
    action->fallthrough(); // --json is the command's
    return action;
}

void addName(CLI::App& app, std::string& name)
{
    app.add_option("NAME", name, "A card's id (`stair card list`)")->required();
}

} // namespace

CommandInfo cardCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<CardCommandOptions>();
        app.require_subcommand(1);
        const CLI::App* listing = addAction(app, "list", "List the cards with what is reported");
        CLI::App* showing
            = addAction(app, "show", "Print a card: figure, recipe, departures, spec");
        addName(*showing, options->name);
        CLI::App* running = addAction(
            app, "run", "Train a card within a time budget and print reported against reached");
        addName(*running, options->name);
        running->add_option("--budget", options->budget, "Time for all of it: 90s, 10m, 1h")
            ->capture_default_str();
        running->add_option("--from", options->from,
                            "Float run or checkpoint to start from, where the recipe has one");
        describeNewRun(*running, options->fresh);
        return [options, listing, showing](const Console& console) {
            if (listing->parsed()) {
                console.result(cardRows(), cardTable());
                return 0;
            }
            return showing->parsed() ? show(options->name, console) : run(*options, console);
        };
    };
    return {"card", "Papers' results as experiments: list, show, or run one", describe};
}

} // namespace stair
