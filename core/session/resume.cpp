#include "core/session/resume.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/session/event_lines.h"
#include "core/session/event_log.h"
#include "core/session/line_reader.h"

#include <algorithm>

namespace stair {

namespace fs = std::filesystem;

namespace {

/// Newest first; the best last: it may be older than all, but it is a checkpoint too.
std::vector<fs::path> candidates(const RunFolder& folder)
{
    std::vector<fs::path> files = folder.checkpoints();
    std::ranges::reverse(files);
    std::error_code failure;
    if (fs::exists(folder.bestCheckpoint(), failure))
        files.push_back(folder.bestCheckpoint());
    return files;
}

void findCheckpoint(const RunFolder& folder, ResumePoint& point)
{
    for (const fs::path& file : candidates(folder)) {
        try {
            point.checkpoint = Checkpoint::read(file);
            point.file = file;
            return;
        } catch (const Error& error) {
            point.damaged.push_back(file);
            point.notices.push_back(concat("skipped: ", error.what()));
        }
    }
    point.notices.emplace_back("no checkpoint can be read; the run starts again");
}

bool isFinished(const std::vector<Json>& events)
{
    bool finished = false;
    for (const Json& event : events) {
        const std::string kind = event.value("event", "");
        finished = kind == "finished" || (finished && kind != "started");
    }
    return finished;
}

} // namespace

ResumePoint findResumePoint(const RunFolder& folder)
{
    const std::vector<Json> events = readLines(folder.eventsFile());
    if (isFinished(events))
        throw Error(concat(folder.path().string(),
                           " is finished; --replay repeats it, or start a "
                           "new run with training.from set to it"));
    ResumePoint point;
    findCheckpoint(folder, point);
    if (point.checkpoint) {
        const Json logs = point.checkpoint->state.value("logs", Json::object());
        point.events = logs.value("events", std::int64_t(0));
        point.layers = logs.value("layers", std::int64_t(0));
    }
    const std::vector<Json> later = LineReader(folder.eventsFile(), point.events).read();
    const std::vector<Json> earlier(events.begin(), events.end() - std::ptrdiff_t(later.size()));
    point.script = pendingScript(folder.scriptFile(), earlier, later, point.step());
    return point;
}

void rewind(const RunFolder& folder, const ResumePoint& point)
{
    if (!point.script.empty())
        writeScript(folder.scriptFile(), point.script);
    EventLog(folder.layersFile()).truncateTo(point.layers);
    EventLog events(folder.eventsFile());
    events.truncateTo(point.events);
    if (point.checkpoint) {
        std::error_code failure;
        const bool best = fs::equivalent(point.file, folder.bestCheckpoint(), failure);
        const std::string file = point.file.filename().string();
        events.append(toLine(checkpointLine(point.step(), file, best)) + "\n");
    }
    events.sync();

    std::error_code failure; // what cannot be removed is only in the way of nothing
    for (const fs::path& file : point.damaged)
        fs::remove(file, failure);
    for (const fs::directory_entry& entry :
         fs::directory_iterator(folder.checkpointFolder(), failure)) {
        if (entry.path().filename().string().find(".part") != std::string::npos)
            fs::remove(entry.path(), failure);
    }
}

} // namespace stair
