#pragma once

#include "core/session/log_writer.h"
#include "core/session/run_folder.h"
#include "core/train/observer.h"

namespace stair {

/// Writes what a training run reports into its folder: log lines through LogWriter's thread,
/// checkpoints in the calling thread once the lines before them are on the disk. Each checkpoint
/// carries the lengths of the logs under "logs". Throws Error when the folder is full.
class RunWriter : public TrainObserver
{
public:
    explicit RunWriter(const RunFolder& folder);

    /// The first line of a run; returns once it is on the disk.
    void started(std::int64_t step, std::int64_t steps, bool resumed);

    void onStep(const StepReport& report) override;
    void onEvaluation(const EvaluationReport& report) override;
    void onLayers(const LayersReport& report) override;
    void onNotice(std::int64_t step, const std::string& text) override;
    void onCommand(std::int64_t step, const Json& command) override;
    void onPaused(std::int64_t step, const std::string& reason) override;
    void onResumed(std::int64_t step) override;
    void onCheckpoint(const Checkpoint& checkpoint, bool best) override;

    // The last line of a run; each returns once it is on the disk.
    void finished(std::int64_t step);
    void stopped(std::int64_t step);
    void failed(std::int64_t step, const std::string& error);

private:
    void event(const Json& line);
    void keepAsBest(const std::filesystem::path& file, const Checkpoint& checkpoint,
                    const Json& additions) const;
    void removeOldCheckpoints() const;

    RunFolder m_folder;
    LogWriter m_log;
    double m_elapsed = 0;
};

} // namespace stair
