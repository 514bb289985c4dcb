#pragma once

#include "core/session/run_folder.h"
#include "core/session/script.h"
#include "core/train/observer.h"
#include "core/train/trainer.h"

#include <filesystem>
#include <string>
#include <vector>

namespace stair {

struct WorkerOptions
{
    std::string launcher = "terminal"; // recorded in worker.json
    int niceness = 5; // how far the worker stands back behind other programs
    TrainObserver* watcher = nullptr; // told everything after the folder's files
    /// Go on by itself where a guard pauses: see Unattended. Kept in a new run's folder; a resumed
    /// run goes on by itself also when its folder says so.
    bool unattended = false;
    Json meta = Json::object(); // keys of a new run's meta.json
};

/// What a run has come to.
struct RunOutcome
{
    std::filesystem::path folder;
    std::string name;
    RunEnd end = RunEnd::Finished;
    int signal = 0; // that asked for the stop
    bool gaveUp = false; // unattended, and guards paused it again and again
    std::int64_t step = 0;
    std::int64_t steps = 0;
    Json evaluation; // the event of the best evaluation (without a split: the last); null: none
    double elapsedSeconds = 0; // of training
};

/// Lowers this process's priority as a run does (threads made later inherit it).
void standBack(int niceness);

// Each does all the work of a run in this process and thread: data, training, the folder's files,
// signals (SIGINT, SIGTERM, SIGHUP: checkpoint and stop). Throws Error for what the user can mend;
// a run that had started gets a "failed" event for every exception.

/// A new run. `folder` empty: the next free one in the workspace. When Error comes before the
/// first step nothing is left of the folder. `script`: commands to be given at their steps.
RunOutcome startRun(const ExperimentSpec& spec, const std::filesystem::path& folder,
                    const WorkerOptions& options, const std::vector<ScriptedCommand>& script = {});

/// Goes on with a run from its newest readable checkpoint. When Error comes before the first step
/// the folder is as it was.
RunOutcome resumeRun(const std::filesystem::path& folder, const WorkerOptions& options);

/// A new run with the spec and the "set" commands of another.
RunOutcome replayRun(const std::filesystem::path& original, const std::filesystem::path& folder,
                     const WorkerOptions& options);

/// What a run's files say it has come to so far.
RunOutcome readOutcome(const RunFolder& folder);

} // namespace stair
