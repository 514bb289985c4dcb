#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace stair {

/// Follows a growing file of JSON lines. A last line without its '\n' is left until it is whole; a
/// line that is no JSON object is skipped. A missing file reads as an empty one. Asking when
/// nothing is new costs one fstat.
class LineReader
{
public:
    explicit LineReader(std::filesystem::path path, std::int64_t offset = 0);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    /// What was added since the last call. Throws Error when the file cannot be read.
    std::vector<Json> read();

    /// Bytes read so far.
    std::int64_t offset() const { return m_offset; }

    /// Whether the last read() found the file shorter than before (a run was resumed from an
    /// earlier step) and began again at its start.
    bool restarted() const { return m_restarted; }

private:
    std::filesystem::path m_path;
    std::int64_t m_offset;
    int m_file = -1;
    bool m_restarted = false;
};

/// All lines of a file, as LineReader sees them.
std::vector<Json> readLines(const std::filesystem::path& path);

} // namespace stair
