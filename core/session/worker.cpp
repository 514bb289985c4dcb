#include "core/session/worker.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/session/environment.h"
#include "core/session/experiment.h"
#include "core/session/file_controls.h"
#include "core/session/line_reader.h"
#include "core/session/observer_pair.h"
#include "core/session/places.h"
#include "core/session/resume.h"
#include "core/session/run_writer.h"
#include "core/session/stop_signals.h"
#include "core/session/unattended.h"
#include "core/session/worker_lock.h"

#include <sys/resource.h>

namespace stair {

namespace fs = std::filesystem;

namespace {

/// A folder of its own for a run without a chosen one; two programs may be asking at once.
fs::path claimFolder(const ExperimentSpec& spec)
{
    makeWritableFolder(runsFolder());
    for (;;) {
        const fs::path folder = proposeRunFolder(runsFolder(), spec);
        if (fs::create_directory(folder))
            return folder;
    }
}

void writeEnvironment(const RunFolder& folder, Runtime& runtime)
{
    writeFileAtomically(folder.environmentFile(), describeEnvironment(runtime).dump(2) + "\n");
}

/// What happens between the first line of a run's log and its last.
class Run
{
public:
    Run(const RunFolder& folder, Experiment& experiment, const WorkerOptions& options,
        const StopSignals& stopSignals)
        : m_folder(folder)
        , m_experiment(experiment)
        , m_stopSignals(stopSignals)
        , m_writer(folder)
        , m_pair(m_writer, options.watcher)
        , m_unattended(options.unattended)
    {
    }

    void start(bool resumed, const std::vector<std::string>& notices)
    {
        const Trainer& trainer = m_experiment.trainer;
        m_writer.started(trainer.step(), trainer.steps(), resumed);
        for (const std::string& text : notices)
            m_pair.onNotice(trainer.step(), text);
    }

    RunOutcome train(FileControls& controls)
    {
        Trainer& trainer = m_experiment.trainer;
        RunEnd end = RunEnd::Finished;
        Unattended unattended(controls);
        ObserverPair pair(m_pair, m_unattended ? &unattended : nullptr);
        TrainControls& chosen = m_unattended ? static_cast<TrainControls&>(unattended) : controls;
        try {
            end = trainer.run(pair, chosen, m_stopSignals.token());
            writeEnvironment(m_folder, m_experiment.runtime); // now with the implementations
            end == RunEnd::Finished ? m_writer.finished(trainer.step())
                                    : m_writer.stopped(trainer.step());
        } catch (const std::exception& error) {
            recordFailure(error.what());
            throw;
        }
        RunOutcome outcome = readOutcome(m_folder);
        outcome.end = end;
        outcome.gaveUp = m_unattended && unattended.gaveUp();
        outcome.signal = end == RunEnd::Stopped ? m_stopSignals.caught() : 0;
        return outcome;
    }

private:
    void recordFailure(const std::string& text)
    {
        try {
            m_writer.failed(m_experiment.trainer.step(), text);
        } catch (const std::exception&) {
            // The folder cannot be written; the caller hears why.
        }
    }

    const RunFolder& m_folder;
    Experiment& m_experiment;
    const StopSignals& m_stopSignals;
    RunWriter m_writer;
    ObserverPair m_pair;
    bool m_unattended;
};

/// Bytes of control.jsonl that a resumed run has nothing to do with.
std::int64_t sizeOfControls(const RunFolder& folder)
{
    std::error_code failure;
    const auto size = fs::file_size(folder.controlFile(), failure);
    return failure ? 0 : std::int64_t(size);
}

} // namespace

void standBack(int niceness)
{
    if (::getpriority(PRIO_PROCESS, 0) < niceness)
        ::setpriority(PRIO_PROCESS, 0, niceness);
}

RunOutcome startRun(const ExperimentSpec& spec, const fs::path& chosen,
                    const WorkerOptions& options, const std::vector<ScriptedCommand>& script)
{
    if (!chosen.empty())
        RunFolder::checkFree(chosen);
    standBack(options.niceness);
    Experiment experiment(spec, fs::current_path());
    experiment.loadStart();
    const StopSignals stopSignals;
    const RunFolder folder = RunFolder::create(chosen.empty() ? claimFolder(spec) : chosen,
                                               spec.toJson(), options.unattended, options.meta);
    // Another worker may have taken the folder this moment: without its lock it is not ours.
    const WorkerLock lock(folder.path(), options.launcher);
    bool started = false;
    try {
        writeEnvironment(folder, experiment.runtime);
        if (!script.empty())
            writeScript(folder.scriptFile(), script);
        Run run(folder, experiment, options, stopSignals);
        run.start(false, {});
        FileControls controls(folder, 0, script);
        started = true;
        return run.train(controls);
    } catch (...) {
        if (!started)
            folder.remove();
        throw;
    }
}

RunOutcome resumeRun(const fs::path& path, const WorkerOptions& options)
{
    const RunFolder folder = RunFolder::open(path);
    const WorkerLock lock(folder.path(), options.launcher);
    const std::int64_t controlsBefore = sizeOfControls(folder); // from the lock on, they are ours
    ResumePoint point = findResumePoint(folder);
    WorkerOptions kept = options;
    kept.unattended = options.unattended || folder.isUnattended();
    standBack(options.niceness);
    Experiment experiment(folder.spec(), folder.path());
    if (point.checkpoint)
        experiment.trainer.restore(*point.checkpoint);
    else
        experiment.loadStart();

    const Json now = describeEnvironment(experiment.runtime);
    std::error_code failure;
    const Json before = fs::exists(folder.environmentFile(), failure)
        ? readJsonFile(folder.environmentFile())
        : now;
    if (const std::string change = environmentChange(before, now); !change.empty())
        point.notices.push_back(concat("the machine differs (", change,
                                       "): the last bits may differ from an unbroken run"));
    const StopSignals stopSignals;
    rewind(folder, point);
    writeEnvironment(folder, experiment.runtime);
    FileControls controls(folder, controlsBefore, point.script);
    Run run(folder, experiment, kept, stopSignals);
    run.start(true, point.notices);
    point.checkpoint.reset(); // its memory is not needed any more
    return run.train(controls);
}

RunOutcome replayRun(const fs::path& original, const fs::path& folder, const WorkerOptions& options)
{
    const RunFolder source = RunFolder::open(original);
    return startRun(source.spec(), folder, options, scriptOf(readLines(source.eventsFile()), 0));
}

RunOutcome readOutcome(const RunFolder& folder)
{
    RunOutcome outcome;
    outcome.folder = folder.path();
    outcome.name = folder.spec().name;
    for (Json& event : readLines(folder.eventsFile())) {
        const std::string kind = event.value("event", "");
        if (kind == "started")
            outcome.steps = event.value("steps", std::int64_t(0));
        if (kind == "step") {
            outcome.step = event.value("step", std::int64_t(0));
            const Json& elapsed = event["t"]["elapsed"];
            outcome.elapsedSeconds = elapsed.is_number() ? elapsed.get<double>() : 0;
        }
        if (kind == "evaluation" && event.value("best", false))
            outcome.evaluation = std::move(event);
    }
    return outcome;
}

} // namespace stair
