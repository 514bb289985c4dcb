#pragma once

#include "core/session/local_launcher.h"
#include "core/train/experiment_spec.h"
#include "widgets/models/run_log.h"

#include <QObject>

#include <vector>

namespace stair {

class RunListModel;

/// Starts runs and gives them commands; notices when a worker it started dies without a word.
class RunDesk : public QObject
{
    Q_OBJECT

public:
    /// `model` lists the runs and must outlive this.
    RunDesk(LocalLauncher launcher, RunListModel& model, QObject* parent = nullptr);

    /// Starts one worker for each spec, all at once; the machine's cores are divided among them and
    /// the runs that are on. `meta`: keys of their meta.json. Returns the folders of those that were
    /// started.
    std::vector<std::filesystem::path> start(const std::vector<ExperimentSpec>& specs,
                                             const Json& meta = {});

    /// "pause", "resume" or "stop".
    void command(RunLog& run, const char* command);

    /// Goes on with a stopped, failed or interrupted run from its last checkpoint.
    void continueRun(RunLog& run);

    /// Once a second.
    void watch();

    /// The runs that were started here and still train.
    std::vector<RunLog*> ownActive() const;

    /// The `stair` binary.
    const QString& program() const { return m_launcher.program(); }

signals:
    void problem(const QString& text); // empty: the last one is settled

private:
    int activeRuns() const;
    void judge(const Launch& launch);

    LocalLauncher m_launcher;
    RunListModel& m_model;
    std::vector<Launch> m_launches; // whose worker lived at the last watch()
};

} // namespace stair
