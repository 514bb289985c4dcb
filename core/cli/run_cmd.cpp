#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/new_run_options.h"
#include "core/cli/progress.h"
#include "core/cli/text_format.h"
#include "core/session/spec_source.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace stair {

namespace {

struct RunOptions
{
    std::string spec;
    std::string resume;
    std::string replay;
    std::string meta;
    NewRunOptions fresh;
};

void check(const RunOptions& options)
{
    const int sources
        = int(!options.spec.empty()) + int(!options.resume.empty()) + int(!options.replay.empty());
    if (sources != 1)
        throw Error("run takes one of SPEC, --resume RUNDIR and --replay RUNDIR");
    if (options.spec.empty() && !options.fresh.changes().empty())
        throw Error("--set, --seed and --threads are for new runs; what is resumed or replayed "
                    "keeps its spec, or it would not be the same run");
    if (!options.resume.empty() && !options.meta.empty())
        throw Error("--meta is for new runs; a resumed run has its meta.json");
    if (!options.resume.empty() && !options.fresh.out.empty())
        throw Error("--out is for new runs; a resumed run goes on in its folder");
}

ExperimentSpec specOf(const RunOptions& options)
{
    if (!options.spec.empty())
        return loadSpec(options.spec, options.fresh.changes());
    return RunFolder::open(options.resume.empty() ? options.replay : options.resume).spec();
}

RunOutcome dispatch(const RunOptions& options, const ExperimentSpec& spec,
                    const WorkerOptions& worker)
{
    if (!options.resume.empty())
        return resumeRun(options.resume, worker);
    if (!options.replay.empty())
        return replayRun(options.replay, options.fresh.out, worker);
    return startRun(spec, options.fresh.out, worker);
}

std::string text(const RunOutcome& outcome, const std::string& afterResult)
{
    const std::string end = outcome.end == RunEnd::Finished
        ? ""
        : concat(outcome.gaveUp ? " (given up by its guards at step " : " (stopped at step ",
                 outcome.step, " of ", outcome.steps, ")");
    return concat(outcome.name.empty() ? outcome.folder.filename().string() : outcome.name, ": ",
                  evaluationText(outcome.evaluation), afterResult, ", ",
                  durationText(outcome.elapsedSeconds), " of training", end, "; ",
                  outcome.folder.string());
}

int run(const RunOptions& options, const Console& console)
{
    check(options);
    WorkerOptions worker = workerOptions();
    if (!options.meta.empty()) {
        worker.meta = readNewMeta(options.meta);
        worker.unattended = worker.meta.value("unattended", Json()) == true;
    }
    const ExperimentSpec spec = specOf(options);
    const std::string afterResults = reconstructionText(spec.quant.method);
    RunOutcome outcome;
    {
        Progress progress(console, afterResults);
        worker.watcher = &progress;
        outcome = dispatch(options, spec, worker);
    }
    console.result(outcomeDocument(outcome), text(outcome, afterResults));
    return outcome.signal != 0 ? exitInterrupted : outcome.gaveUp ? 1 : 0;
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
        app.add_option("--meta", options->meta,
                       "A JSON file with keys of the new run's meta.json: title, tags, sweep ...");
        describeNewRun(app, options->fresh);
        return [options](const Console& console) {
            return run(*options, console);
        };
    };
    return {"run", "Train a network into a run folder; resume or repeat a run", describe};
}

} // namespace stair
