#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace stair {

/// An append-only file of JSON lines, written by one process at a time and read by others while it
/// grows. It knows its length, which checkpoints store so that a resumed run can cut off what came
/// later. Not thread-safe.
class EventLog
{
public:
    /// Opens the file or creates it. What a killed writer left of a line is cut off.
    explicit EventLog(const std::filesystem::path& path);
    ~EventLog();
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    /// Appends whole lines, each with its '\n'. When the disk is full the file ends with the last
    /// line that fitted, and Error names the file.
    void append(std::string_view lines);

    /// Returns once everything is on the disk.
    void sync();

    /// Bytes so far.
    std::int64_t offset() const { return m_offset; }

    /// Cuts the file back to `offset` bytes; a shorter file stays as it is.
    void truncateTo(std::int64_t offset);

private:
    [[noreturn]] void fail(const char* action) const;

    std::filesystem::path m_path;
    int m_file;
    std::int64_t m_offset = 0;
};

} // namespace stair
