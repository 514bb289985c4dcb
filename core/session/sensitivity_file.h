#pragma once

#include "core/base/json.h"
#include "core/session/event_log.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace stair {

/// The file that a sensitivity map grows in: JSON lines, the first of which, the header, says what
/// the map is of. A last line without its '\n' is cut off; a line that is no JSON is passed over.
/// One process at a time writes it.
class SensitivityFile
{
public:
    /// Opens or creates it; `restart` begins anew. Throws Error when it is the map of something
    /// else, naming what differs, or no map, or another process is at it.
    SensitivityFile(const std::filesystem::path& path, const Json& header, bool restart);
    ~SensitivityFile();
    SensitivityFile(const SensitivityFile&) = delete;
    SensitivityFile& operator=(const SensitivityFile&) = delete;

    /// Behind the header, in order: what was there and what has been appended.
    const std::vector<Json>& lines() const { return m_lines; }

    /// On the disk when it returns.
    void append(const Json& line);

private:
    void checkHeader(const Json& theirs, const Json& header) const;

    std::filesystem::path m_path;
    int m_lock;
    std::optional<EventLog> m_log;
    std::vector<Json> m_lines;
};

} // namespace stair
