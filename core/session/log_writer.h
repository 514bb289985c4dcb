#pragma once

#include "core/session/event_log.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

namespace stair {

/// Writes the two logs of a run from one thread of its own, so that training does not wait for a
/// slow disk: lines wait in a bounded buffer. One other thread calls it.
class LogWriter
{
public:
    enum class Log
    {
        Events,
        Layers
    };

    struct Offsets
    {
        std::int64_t events = 0;
        std::int64_t layers = 0;
    };

    LogWriter(const std::filesystem::path& events, const std::filesystem::path& layers);

    /// Writes what waits; trouble on the way is swallowed. flush() first to hear of it.
    ~LogWriter();

    /// Adds one line, without its '\n'. Waits while the buffer is full. Throws once what the
    /// writing thread met (Error when the disk is full).
    void append(Log log, const std::string& line);

    /// Returns once every line is on the disk, with the length of both logs.
    Offsets flush();

private:
    void work(const std::stop_token& stop);
    void rethrow();

    EventLog m_eventLog;
    EventLog m_layerLog;
    std::mutex m_mutex;
    std::condition_variable_any m_filled;
    std::condition_variable m_emptied;
    std::string m_events;
    std::string m_layers;
    bool m_writing = false;
    std::exception_ptr m_failure;
    std::jthread m_thread; // last: it stops before the rest goes
};

} // namespace stair
