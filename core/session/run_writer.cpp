#include "core/session/run_writer.h"

#include "core/base/concat.h"
#include "core/session/event_lines.h"

#include <unistd.h>

namespace stair {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t checkpointsKept = 2; // besides the best

} // namespace

RunWriter::RunWriter(const RunFolder& folder)
    : m_folder(folder)
    , m_log(folder.eventsFile(), folder.layersFile())
{
}

void RunWriter::event(const Json& line)
{
    m_log.append(LogWriter::Log::Events, toLine(line));
}

void RunWriter::started(std::int64_t step, std::int64_t steps, bool resumed)
{
    event(startedLine(step, steps, resumed));
    m_log.flush();
}

void RunWriter::onStep(const StepReport& report)
{
    m_elapsed = report.elapsedSeconds;
    event(stepLine(report));
}

void RunWriter::onEvaluation(const EvaluationReport& report)
{
    event(evaluationLine(report));
}

void RunWriter::onLayers(const LayersReport& report)
{
    m_log.append(LogWriter::Log::Layers, toLine(layersLine(report)));
}

void RunWriter::onNotice(std::int64_t step, const std::string& text)
{
    event(noticeLine(step, text));
}

void RunWriter::onCommand(std::int64_t step, const Json& command)
{
    event(commandLine(step, command));
}

void RunWriter::onPaused(std::int64_t step, const std::string& reason)
{
    event(pausedLine(step, reason));
}

void RunWriter::onResumed(std::int64_t step)
{
    event(resumedLine(step));
}

void RunWriter::onCheckpoint(const Checkpoint& checkpoint, bool best)
{
    const LogWriter::Offsets offsets = m_log.flush();
    const Json additions = {{"logs", {{"events", offsets.events}, {"layers", offsets.layers}}}};
    const fs::path file = m_folder.checkpointFolder() / checkpointName(checkpoint.step);
    checkpoint.write(file, additions);
    if (best)
        keepAsBest(file, checkpoint, additions);
    removeOldCheckpoints();
    event(checkpointLine(checkpoint.step, file.filename().string(), best));
}

void RunWriter::keepAsBest(const fs::path& file, const Checkpoint& checkpoint,
                           const Json& additions) const
{
    // A second name for the same bytes; where the file system has none, a second copy.
    const fs::path best = m_folder.bestCheckpoint();
    const fs::path pending = concat(best.string(), ".part", ::getpid());
    std::error_code failure;
    fs::remove(pending, failure);
    fs::create_hard_link(file, pending, failure);
    if (!failure)
        fs::rename(pending, best, failure);
    if (failure)
        checkpoint.write(best, additions);
    fs::remove(pending, failure); // rename() leaves it when both were one file already
}

void RunWriter::removeOldCheckpoints() const
{
    const std::vector<fs::path> files = m_folder.checkpoints();
    for (std::size_t i = 0; i + checkpointsKept < files.size(); ++i) {
        std::error_code failure; // one file too many is no reason to end a run
        fs::remove(files[i], failure);
    }
}

void RunWriter::finished(std::int64_t step)
{
    event(endLine("finished", step, m_elapsed));
    m_log.flush();
}

void RunWriter::stopped(std::int64_t step)
{
    event(endLine("stopped", step, m_elapsed));
    m_log.flush();
}

void RunWriter::failed(std::int64_t step, const std::string& error)
{
    event(failedLine(step, error));
    m_log.flush();
}

} // namespace stair
