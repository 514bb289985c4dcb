#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace stair {

/// Follows a file of lines that another process appends to. The file may not be there yet, may end
/// in half a line, and may be cut back (resuming a run truncates it). One thread.
class EventTail
{
public:
    explicit EventTail(std::filesystem::path file);

    /// What to do with what poll() finds. A line comes without its end and lives during the call.
    struct Sink
    {
        std::function<void()> restart; // what was handed out before no longer holds
        std::function<void(std::string_view)> line;
    };

    /// Hands out the complete lines that are new, for about `budget`. True when there are more.
    bool poll(const Sink& sink, std::chrono::milliseconds budget);

    /// Begins again with the first line at the next poll().
    void rewind();

    /// Bytes handed out so far.
    std::uint64_t position() const { return m_offset; }

private:
    bool wasCut(std::uint64_t size) const;

    std::filesystem::path m_file;
    std::uint64_t m_offset = 0; // behind the last complete line that was handed out
    std::string
        m_mark; // the bytes before m_offset: they change when the file was cut and grew again
    std::uint64_t m_size = 0; // at the last poll, with m_time: an untouched file is not opened
    std::filesystem::file_time_type m_time;
    bool m_pending = false;
};

} // namespace stair
