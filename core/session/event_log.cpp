#include "core/session/event_log.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace stair {

namespace {

/// Length of `path` up to and with its last '\n', read backwards.
std::int64_t completeLength(int file, std::int64_t size)
{
    char piece[4096];
    while (size > 0) {
        const std::int64_t begin = std::max<std::int64_t>(0, size - std::int64_t(sizeof piece));
        const ssize_t count = ::pread(file, piece, std::size_t(size - begin), begin);
        if (count <= 0)
            return 0;
        for (ssize_t i = count; i > 0; --i) {
            if (piece[i - 1] == '\n')
                return begin + i;
        }
        size = begin;
    }
    return 0;
}

} // namespace

EventLog::EventLog(const std::filesystem::path& path)
    : m_path(path)
    , m_file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644))
{
    if (m_file < 0)
        fail("open");
    m_offset = ::lseek(m_file, 0, SEEK_END);
    truncateTo(completeLength(m_file, m_offset));
}

EventLog::~EventLog()
{
    ::close(m_file);
}

void EventLog::fail(const char* action) const
{
    throw Error(concat("cannot ", action, " ", m_path.string(), ": ", std::strerror(errno),
                       "; free space there or choose another folder"));
}

void EventLog::append(std::string_view lines)
{
    std::size_t written = 0;
    while (written < lines.size()) {
        const ssize_t count = ::write(m_file, lines.data() + written, lines.size() - written);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            const int reason = errno;
            const std::size_t end = lines.substr(0, written).rfind('\n') + 1; // npos + 1 is 0
            m_offset += std::int64_t(written);
            truncateTo(m_offset - std::int64_t(written - end));
            errno = reason;
            fail("write");
        }
        written += std::size_t(count);
    }
    m_offset += std::int64_t(written);
}

void EventLog::sync()
{
    if (::fdatasync(m_file) != 0)
        fail("write");
}

void EventLog::truncateTo(std::int64_t offset)
{
    if (offset >= m_offset)
        return;
    if (::ftruncate(m_file, offset) != 0)
        fail("shorten");
    m_offset = offset;
}

} // namespace stair
