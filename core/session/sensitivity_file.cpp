#include "core/session/sensitivity_file.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/names.h"
#include "core/session/line_reader.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace stair {

namespace {

/// A lock that goes with the process, whatever ends it.
int lockFile(const std::filesystem::path& path)
{
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        throw Error(concat("[sensitivity] cannot write ", path.string(), ": ", std::strerror(errno),
                           "; choose another file with --out"));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        ::close(file);
        throw Error(concat("[sensitivity] another process is writing ", path.string(),
                           "; wait for it, or choose another file with --out"));
    }
    return file;
}

/// Empty, or what a killed writer left of the header.
bool isUnfinished(const std::filesystem::path& path, const std::string& headerLine)
{
    const std::string content = readFile(path);
    return content.size() < headerLine.size() && headerLine.starts_with(content);
}

} // namespace

SensitivityFile::SensitivityFile(const std::filesystem::path& path, const Json& header,
                                 bool restart)
    : m_path(path)
    , m_lock(lockFile(path))
{
    try {
        const bool isNew = restart || isUnfinished(path, header.dump() + '\n');
        if (!isNew) {
            m_lines = readLines(path);
            checkHeader(m_lines.empty() ? Json::object() : m_lines.front(), header);
            m_lines.erase(m_lines.begin());
        }
        m_log.emplace(path);
        if (isNew) {
            m_log->truncateTo(0);
            m_log->append(header.dump() + '\n');
        }
    } catch (...) {
        ::close(m_lock);
        throw;
    }
}

SensitivityFile::~SensitivityFile()
{
    ::close(m_lock);
}

void SensitivityFile::checkHeader(const Json& theirs, const Json& header) const
{
    if (theirs.value("event", "") != "sensitivity")
        throw Error(concat("[sensitivity] ", m_path.string(),
                           " does not begin as a map does; begin anew with --restart, or choose "
                           "another file with --out"));
    std::vector<std::string> differing;
    for (const auto& [key, value] : header.items()) {
        if (theirs.value(key, Json()) != value)
            differing.push_back(key);
    }
    if (!differing.empty())
        throw Error(concat("[sensitivity] ", m_path.string(), " is the map of something else (",
                           joinNames(differing),
                           " differ); begin anew with --restart, or choose another file with "
                           "--out"));
}

void SensitivityFile::append(const Json& line)
{
    m_log->append(line.dump() + '\n');
    m_log->sync();
    m_lines.push_back(line);
}

} // namespace stair
