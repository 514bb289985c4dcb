#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/progress.h"
#include "core/cli/text_format.h"
#include "core/session/spec_source.h"
#include "core/session/worker.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

namespace stair {

namespace {

struct RunOptions
{
    std::string spec;
    std::string resume;
    std::string replay;
    std::string out;
    std::vector<std::string> assignments;
    int threads = -1;
};

void check(const RunOptions& options)
{
    const int sources
        = int(!options.spec.empty()) + int(!options.resume.empty()) + int(!options.replay.empty());
    if (sources != 1)
        throw Error("run takes one of SPEC, --resume RUNDIR and --replay RUNDIR");
    const bool changes = !options.assignments.empty() || options.threads >= 0;
    if (options.spec.empty() && changes)
        throw Error("--set and --threads are for new runs; what is resumed or replayed keeps its "
                    "spec, or it would not be the same run");
    if (!options.resume.empty() && !options.out.empty())
        throw Error("--out is for new runs; a resumed run goes on in its folder");
}

RunOutcome dispatch(const RunOptions& options, const WorkerOptions& worker)
{
    if (!options.resume.empty())
        return resumeRun(options.resume, worker);
    if (!options.replay.empty())
        return replayRun(options.replay, options.out, worker);
    std::vector<std::string> assignments = options.assignments;
    if (options.threads >= 0)
        assignments.push_back(concat("threads=", options.threads));
    return startRun(loadSpec(options.spec, assignments), options.out, worker);
}

Json document(const RunOutcome& outcome)
{
    return {{"run", outcome.folder.string()},
            {"name", outcome.name},
            {"end", outcome.end == RunEnd::Finished ? "finished" : "stopped"},
            {"step", outcome.step},
            {"steps", outcome.steps},
            {"evaluation", outcome.evaluation},
            {"elapsed", outcome.elapsedSeconds}};
}

std::string text(const RunOutcome& outcome)
{
    const std::string end = outcome.end == RunEnd::Finished
        ? ""
        : concat(" (stopped at step ", outcome.step, " of ", outcome.steps, ")");
    return concat(outcome.name.empty() ? outcome.folder.filename().string() : outcome.name, ": ",
                  evaluationText(outcome.evaluation), ", ", durationText(outcome.elapsedSeconds),
                  " of training", end, "; ", outcome.folder.string());
}

int run(const RunOptions& options, const Console& console)
{
    check(options);
    WorkerOptions worker;
    if (const char* launcher = std::getenv("STAIRCASE_LAUNCHER"))
        worker.launcher = launcher;
    RunOutcome outcome;
    {
        Progress progress(console);
        worker.watcher = &progress;
        outcome = dispatch(options, worker);
    }
    console.result(document(outcome), text(outcome));
    return outcome.signal != 0 ? exitInterrupted : 0;
}

} // namespace

CommandInfo runCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<RunOptions>();
        app.add_option("SPEC", options->spec,
                       "A spec file, or a preset's id (`stair list presets`)");
        app.add_option("--resume", options->resume, "Go on with the run in this folder");
        app.add_option("--replay", options->replay,
                       "Repeat the run in this folder with the settings changed on its way");
        app.add_option("--out", options->out,
                       "The new run's folder (else: the workspace's next, $STAIRCASE_WORKSPACE)");
        app.add_option("--set", options->assignments,
                       "Change the spec: training.epochs=3, quant.weights.bits=4 ...")
            ->type_name("KEY=VALUE")
            ->take_all()
            ->expected(1);
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return run(*options, console);
        };
    };
    return {"run", "Train a network into a run folder; resume or repeat a run", describe};
}

} // namespace stair
