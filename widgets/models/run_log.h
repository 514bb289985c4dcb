#pragma once

#include "core/base/json.h"
#include "core/session/event_tail.h"

#include <QString>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// What a run is doing, as far as its folder tells.
enum class RunState
{
    Starting, // its worker has been started and has not reported yet
    Running,
    Paused,
    Stopped, // by the user, with a checkpoint
    Finished,
    Failed,
    Interrupted, // it said that it runs, and no worker is there
    Unreadable, // no usable spec.json
};

struct StepPoint
{
    double step = 0;
    double loss = 0;
    double accuracy = 0; // share of the batch
};

struct EvaluationPoint
{
    double step = 0;
    int epoch = 0;
    double loss = 0; // on the test images
    double test = 0; // top-1 share
    std::int64_t testImages = 0;
    std::optional<double> validation;
    std::optional<double> validationLoss;
    std::optional<double> running; // with running batch-norm statistics
    bool best = false;
    bool proved = false; // every layer ran on integers
};

/// What is fixed about a run, from its spec.json.
struct RunIdentity
{
    QString name;
    std::string method = "float";
    int weightBits = 32;
    int activationBits = 32;
    std::string network;
    std::string data;
    int epochs = 0;
    QString error; // why spec.json cannot be used

    bool isFloat() const { return method == "float"; }
};

/// Where a run stands: the latest of what it reported.
struct RunProgress
{
    double step = 0;
    double steps = 0; // 0: not known yet
    int epoch = 0;
    double loss = 0;
    double accuracy = 0;
    double learningRate = 0;
    double gradientNorm = 0;
    double imagesPerSecond = 0;
    double elapsed = 0; // seconds of training
    double remaining = -1; // seconds; negative: not known
    QString reason; // why it paused, or failed
    QString notice; // the last one
    std::optional<EvaluationPoint> best;
};

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

    /// Curves begins again with the first line; the series are complete after the next polls.
    void setDepth(Depth depth);
    Depth depth() const { return m_depth; }

    /// Reads what is new for at most about `budget`; true when anything changed.
    bool poll(std::chrono::milliseconds budget);

    /// Looks whether the run's worker still lives: a few system calls, once a second is enough.
    /// True when the state changed.
    bool checkWorker();

    /// Whether a worker has just been started for it: no news counts as Starting until one is seen.
    void setLaunched(bool launched) { m_launched = launched; }

    /// The command that was sent and has not shown an effect yet: "pause", "stop"; or empty.
    void setAsked(const std::string& command) { m_asked = command; }
    const std::string& asked() const { return m_asked; }

    const RunIdentity& identity() const { return m_identity; }
    const RunProgress& progress() const { return m_progress; }
    RunState state() const;
    bool isActive() const;

    /// Grow at the end; shrink to nothing when generation() changes.
    const std::vector<StepPoint>& steps() const { return m_steps; }
    const std::vector<EvaluationPoint>& evaluations() const { return m_evaluations; }
    int generation() const { return m_generation; }

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

    void readSpec();
    void restart();
    void take(std::string_view line);
    void takeEvent(const Json& event);
    void takeStep(const Json& event);
    void takeEvaluation(const Json& event);

    std::filesystem::path m_folder;
    EventTail m_tail;
    Depth m_depth = Depth::Summary;
    RunIdentity m_identity;
    RunProgress m_progress;
    Phase m_phase = Phase::Silent;
    bool m_specRead = false;
    bool m_launched = false;
    bool m_hasWorker = false;
    std::string m_asked;
    std::string m_lastStep; // a Summary parses the last step line of a poll alone
    std::vector<StepPoint> m_steps;
    std::vector<EvaluationPoint> m_evaluations;
    int m_generation = 0;
};

} // namespace stair
