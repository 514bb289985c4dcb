#include "core/session/log_writer.h"

#include <utility>

namespace stair {

namespace {

constexpr std::size_t mostWaiting = std::size_t(1) << 22; // bytes

} // namespace

LogWriter::LogWriter(const std::filesystem::path& events, const std::filesystem::path& layers)
    : m_eventLog(events)
    , m_layerLog(layers)
    , m_thread([this](const std::stop_token& stop) { work(stop); })
{
}

LogWriter::~LogWriter()
{
    m_thread.request_stop();
    m_thread.join();
}

void LogWriter::rethrow()
{
    if (m_failure)
        std::rethrow_exception(std::exchange(m_failure, nullptr));
}

void LogWriter::append(Log log, const std::string& line)
{
    std::unique_lock lock(m_mutex);
    m_emptied.wait(lock, [this] { return m_events.size() + m_layers.size() < mostWaiting; });
    rethrow();
    (log == Log::Events ? m_events : m_layers).append(line).push_back('\n');
    m_filled.notify_one();
}

LogWriter::Offsets LogWriter::flush()
{
    std::unique_lock lock(m_mutex);
    m_emptied.wait(lock, [this] { return m_events.empty() && m_layers.empty() && !m_writing; });
    rethrow();
    m_eventLog.sync();
    m_layerLog.sync();
    return {m_eventLog.offset(), m_layerLog.offset()};
}

void LogWriter::work(const std::stop_token& stop)
{
    std::unique_lock lock(m_mutex);
    const auto waiting = [this] {
        return !m_events.empty() || !m_layers.empty();
    };
    while (m_filled.wait(lock, stop, waiting)) {
        const std::string events = std::exchange(m_events, {});
        const std::string layers = std::exchange(m_layers, {});
        std::exception_ptr failure;
        m_writing = true;
        lock.unlock();
        try {
            m_eventLog.append(events);
            m_layerLog.append(layers);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        m_writing = false;
        if (failure)
            m_failure = failure;
        m_emptied.notify_all();
    }
}

} // namespace stair
