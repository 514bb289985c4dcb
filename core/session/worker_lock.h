#pragma once

#include "core/base/json.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace stair {

/// Who works on a run's folder: the content of worker.json. Times are Unix seconds.
struct WorkerInfo
{
    std::string host;
    std::int64_t pid = 0;
    std::int64_t startTicks = 0; // of the process, since the boot: tells a reused pid
    std::string boot; // id of the boot that counts them
    std::string launcher; // "terminal", "window", "sweep" ...
    std::int64_t started = 0;
    std::int64_t heartbeat = 0; // renewed every few seconds

    static WorkerInfo read(const Json& json);
    Json toJson() const;
};

/// The worker that a worker.json names, if it still works: on this host the process must run and be
/// the same one; on another host the heartbeat must be younger than a minute.
std::optional<WorkerInfo> liveWorker(const std::filesystem::path& workerFile);

/// Holds a run's folder for this process: at most one worker at a time. Between local processes the
/// kernel decides (flock on the folder), so a killed worker holds nothing; between hosts that share
/// the folder worker.json does. The file goes when the lock is given back.
class WorkerLock
{
public:
    /// Throws Error naming the worker that holds the folder. What a dead one left is taken over.
    WorkerLock(const std::filesystem::path& folder, const std::string& launcher);
    ~WorkerLock();
    WorkerLock(const WorkerLock&) = delete;
    WorkerLock& operator=(const WorkerLock&) = delete;

private:
    void beat(const std::stop_token& stop);

    std::filesystem::path m_file;
    WorkerInfo m_info;
    int m_folder;
    std::mutex m_mutex;
    std::condition_variable_any m_woken;
    std::jthread m_heart;
};

} // namespace stair
