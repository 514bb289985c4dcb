#include "core/session/worker_lock.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sstream>
#include <sys/file.h>
#include <unistd.h>

namespace stair {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds heartbeatEvery{10};
constexpr std::int64_t heartbeatTrusted = 60; // seconds
constexpr std::chrono::milliseconds departureLooked{50};
constexpr int departures = 60; // looks before a lock without a worker is believed

std::string thisHost()
{
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return name;
}

std::string thisBoot()
{
    std::istringstream text(readFile("/proc/sys/kernel/random/boot_id"));
    std::string id;
    text >> id;
    return id;
}

/// When process `pid` started, in ticks since the boot (field 22 of /proc/PID/stat); 0 when it does
/// not run. A zombie does not run: it has been killed and waits for its parent to notice.
std::int64_t startTicks(std::int64_t pid)
{
    std::string text;
    try {
        text = readFile(concat("/proc/", pid, "/stat"));
    } catch (const Error&) {
        return 0;
    }
    // The second field is a name in brackets that may hold anything.
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string state;
    fields >> state;
    if (state == "Z" || state == "X")
        return 0;
    std::string skipped;
    for (int field = 4; field < 22; ++field)
        fields >> skipped;
    std::int64_t ticks = 0;
    fields >> ticks;
    return ticks;
}

bool isLive(const WorkerInfo& info)
{
    if (info.host != thisHost())
        return std::time(nullptr) - info.heartbeat < heartbeatTrusted;
    return info.boot == thisBoot() && info.startTicks != 0
        && startTicks(info.pid) == info.startTicks;
}

/// Tries to take the kernel's lock on an open folder. A file system without such locks leaves it to
/// worker.json.
bool isHeld(int folder)
{
    return ::flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::string describe(const WorkerInfo& info)
{
    return concat("process ", info.pid, " on ", info.host, " (", info.launcher, ")");
}

} // namespace

WorkerInfo WorkerInfo::read(const Json& json)
{
    WorkerInfo info;
    info.host = json.value("host", "");
    info.pid = json.value("pid", std::int64_t(0));
    info.startTicks = json.value("start_ticks", std::int64_t(0));
    info.boot = json.value("boot", "");
    info.launcher = json.value("launcher", "");
    info.started = json.value("started", std::int64_t(0));
    info.heartbeat = json.value("heartbeat", std::int64_t(0));
    return info;
}

Json WorkerInfo::toJson() const
{
    return {{"host", host},          {"pid", pid},           {"start_ticks", startTicks},
            {"boot", boot},          {"launcher", launcher}, {"started", started},
            {"heartbeat", heartbeat}};
}

std::optional<WorkerInfo> liveWorker(const fs::path& workerFile)
{
    std::error_code failure;
    if (!fs::exists(workerFile, failure))
        return {};
    try {
        const WorkerInfo info = WorkerInfo::read(readJsonFile(workerFile));
        return isLive(info) ? std::optional(info) : std::nullopt;
    } catch (const Error&) { // gone meanwhile, or not JSON
        return {};
    } catch (const Json::exception&) { // JSON of another shape
        return {};
    }
}

WorkerLock::WorkerLock(const fs::path& folder, const std::string& launcher)
    : m_file(folder / "worker.json")
    , m_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
    if (m_folder < 0)
        throw Error(concat("cannot open ", folder.string(), ": ", std::strerror(errno)));
    bool held = isHeld(m_folder);
    std::optional<WorkerInfo> holder = liveWorker(m_file);
    for (int i = 0; i < departures && held && !holder; ++i) {
        // A killed process keeps its files open until the last of its threads is gone.
        std::this_thread::sleep_for(departureLooked);
        held = isHeld(m_folder);
        holder = liveWorker(m_file);
    }
    if (held || holder) {
        ::close(m_folder);
        throw Error(concat(folder.string(), " is being worked on by ",
                           holder ? describe(*holder) : "another process",
                           "; wait for it, or stop it first"));
    }
    const std::int64_t now = std::time(nullptr);
    m_info = {.host = thisHost(),
              .pid = ::getpid(),
              .startTicks = startTicks(::getpid()),
              .boot = thisBoot(),
              .launcher = launcher,
              .started = now,
              .heartbeat = now};
    try {
        writeFileAtomically(m_file, m_info.toJson().dump(2) + "\n");
    } catch (...) {
        ::close(m_folder);
        throw;
    }
    m_heart = std::jthread([this](const std::stop_token& stop) { beat(stop); });
}

WorkerLock::~WorkerLock()
{
    m_heart.request_stop();
    m_heart.join();
    std::error_code failure;
    fs::remove(m_file, failure);
    ::close(m_folder);
}

void WorkerLock::beat(const std::stop_token& stop)
{
    std::unique_lock lock(m_mutex);
    while (
        !m_woken.wait_for(lock, stop, heartbeatEvery, [&stop] { return stop.stop_requested(); })) {
        m_info.heartbeat = std::time(nullptr);
        try {
            writeFileAtomically(m_file, m_info.toJson().dump(2) + "\n");
        } catch (const Error&) {
            // The folder is full: the next log line says so where it can be heard.
        }
    }
}

} // namespace stair
