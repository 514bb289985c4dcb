#include "core/cli/new_run_options.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>

namespace stair {

std::vector<std::string> NewRunOptions::changes() const
{
    std::vector<std::string> all = assignments;
    if (seed >= 0)
        all.push_back(concat("seed=", seed));
    if (threads >= 0)
        all.push_back(concat("threads=", threads));
    return all;
}

void describeNewRun(CLI::App& app, NewRunOptions& options)
{
    app.add_option("--out", options.out,
                   "The new run's folder (else: the workspace's next, $STAIRCASE_WORKSPACE)");
    app.add_option("--set", options.assignments,
                   "Change the spec: training.epochs=3, quant.weights.bits=4 ...")
        ->type_name("KEY=VALUE")
        ->take_all()
        ->expected(1);
    constexpr std::int64_t greatestSeed = (std::int64_t(1) << 53) - 1; // as in specs
    app.add_option("--seed", options.seed, "Of every random draw")
        ->check(CLI::Range(std::int64_t(0), greatestSeed));
    app.add_option("--threads", options.threads, "Threads to compute with; 0: all")
        ->check(CLI::Range(0, 1024));
}

Json readNewMeta(const std::filesystem::path& file)
{
    static const std::vector<std::string> known
        = {"title", "tags", "notes", "star", "sweep", "race", "unattended"};
    Json meta = readJsonFile(file);
    if (!meta.is_object())
        throw Error(concat("--meta ", file.string(), " holds no JSON object"));
    for (const auto& [key, value] : meta.items()) {
        if (std::ranges::find(known, key) == known.end())
            throw Error(concat("--meta ", file.string(), ": ", unknownName("key", key, known)));
    }
    return meta;
}

WorkerOptions workerOptions()
{
    WorkerOptions worker;
    if (const char* launcher = std::getenv("STAIRCASE_LAUNCHER"))
        worker.launcher = launcher;
    return worker;
}

Json outcomeDocument(const RunOutcome& outcome)
{
    return {{"run", outcome.folder.string()},
            {"name", outcome.name},
            {"end", outcome.end == RunEnd::Finished ? "finished" : "stopped"},
            {"step", outcome.step},
            {"steps", outcome.steps},
            {"evaluation", outcome.evaluation},
            {"elapsed", outcome.elapsedSeconds}};
}

} // namespace stair
