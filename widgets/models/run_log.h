#pragma once

#include "core/base/json.h"
#include "core/session/event_tail.h"
#include "core/session/run_meta.h"
#include "core/session/weight_trail.h"
#include "core/train/observer.h"
#include "widgets/models/run_values.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// One run as the window knows it: follows the folder's files and keeps them as values. A Summary
/// keeps no series and looks at few lines, so that a list of many runs costs little.
class RunLog
{
public:
    enum class Depth
    {
        Summary,
        Curves
    };

    explicit RunLog(std::filesystem::path folder);

    const std::filesystem::path& folder() const { return m_folder; }

    /// Curves begins again with the first line; the series are complete after the next polls, and
    /// all else stays as it was meanwhile. Summary drops the series and keeps the rest.
    void setDepth(Depth depth);
    Depth depth() const { return m_depth; }

    /// Reads what is new for at most about `budget`; true when anything changed.
    bool poll(std::chrono::milliseconds budget);

    /// Looks whether the run's worker still lives: a few system calls, once a second is enough.
    /// True when the state changed.
    bool checkWorker();

    /// Reads meta.json and spec.json again when they have changed: a few system calls, once a
    /// second is enough. True when what they say did.
    bool checkMeta();

    /// Why spec.json, which could be read before, cannot be now; the run is shown as it was.
    const QString& specProblem() const { return m_specProblem; }

    /// Writes into meta.json what differs between the two; the rest stays as it is there, whoever
    /// wrote it. A file that is gone is written anew. Throws Error when it cannot; nothing has
    /// changed then.
    void editMeta(const RunMeta& before, const RunMeta& after);
    const RunMeta& meta() const { return m_meta; }

    /// Whether a worker has just been started for it: no news counts as Starting until one is seen.
    void setLaunched(bool launched) { m_launched = launched; }

    /// The command that was sent and has not shown an effect yet: "pause", "stop"; or empty.
    void setAsked(const std::string& command) { m_asked = command; }
    const std::string& asked() const { return m_asked; }

    const RunIdentity& identity() const { return m_identity; }
    const RunProgress& progress() const { return m_known ? m_known->progress : m_progress; }
    RunState state() const;
    bool isActive() const;

    /// Grow at the end; shrink to nothing when generation() changes.
    const std::vector<StepPoint>& steps() const { return m_steps; }
    const std::vector<EvaluationPoint>& evaluations() const { return m_evaluations; }
    int generation() const { return m_generation; }

    /// Hashes of its integer weights, where it records them; kept and dropped with the series.
    const WeightTrail& weights() const { return m_weights; }

    /// The test accuracy of the evaluations, oldest first, at whatever depth; of many, every
    /// second, fourth ... so that there are at most traceLength.
    const std::vector<double>& trace() const { return m_known ? m_known->trace : m_trace; }
    static constexpr std::size_t traceLength = 64;

private:
    enum class Phase
    {
        Silent,
        Running,
        Paused,
        Stopped,
        Finished,
        Failed
    };

    /// What was known before the lines are read again.
    struct Known
    {
        std::uint64_t position; // up to which they had been read
        Phase phase;
        RunProgress progress;
        std::vector<double> trace;
    };

    Phase phase() const { return m_known ? m_known->phase : m_phase; }
    void catchUp();
    void readSpec();
    bool checkSpec();
    void showTitle();
    void traceAccuracy(double accuracy);
    void restart();
    void take(std::string_view line);
    void takeEvent(const Json& event);
    void takeStep(const StepReport& report);
    void takeEvaluation(const Json& event);

    std::filesystem::path m_folder;
    EventTail m_tail;
    Depth m_depth = Depth::Summary;
    RunIdentity m_identity;
    QString m_specName; // the folder's where the spec has none
    RunMeta m_meta;
    std::filesystem::file_time_type m_metaTime = {};
    RunProgress m_progress;
    Phase m_phase = Phase::Silent;
    std::optional<Known> m_known; // shown until they have been read again up to there
    bool m_specRead = false;
    bool m_launched = false;
    bool m_hasWorker = false;
    std::string m_asked;
    std::string m_lastStep; // a Summary parses the last step line of a poll alone
    std::vector<StepPoint> m_steps;
    std::vector<EvaluationPoint> m_evaluations;
    WeightTrail m_weights;
    int m_generation = 0;
    std::vector<double> m_trace;
    int m_traceStride = 1; // evaluations to a value of m_trace
    int m_traceSeen = 0;
    std::filesystem::file_time_type m_specTime = {};
    QString m_specProblem;
};

} // namespace stair
