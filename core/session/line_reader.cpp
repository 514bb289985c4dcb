#include "core/session/line_reader.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace stair {

LineReader::LineReader(std::filesystem::path path, std::int64_t offset)
    : m_path(std::move(path))
    , m_offset(offset)
{
}

LineReader::~LineReader()
{
    if (m_file >= 0)
        ::close(m_file);
}

std::vector<Json> LineReader::read()
{
    m_restarted = false;
    if (m_file < 0)
        m_file = ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC);
    if (m_file < 0 && errno == ENOENT)
        return {};
    struct stat status
    {
    };
    if (m_file < 0 || ::fstat(m_file, &status) != 0)
        throw Error(concat("cannot read ", m_path.string(), ": ", std::strerror(errno)));
    if (status.st_size == m_offset)
        return {};
    if (status.st_size < m_offset) {
        m_restarted = true;
        m_offset = 0;
    }

    std::string text(std::size_t(status.st_size - m_offset), '\0');
    const ssize_t count = ::pread(m_file, text.data(), text.size(), m_offset);
    text.resize(std::size_t(std::max<ssize_t>(0, count)));
    std::vector<Json> lines;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        Json line = Json::parse(text.begin() + std::ptrdiff_t(begin),
                                text.begin() + std::ptrdiff_t(end), nullptr, false);
        if (line.is_object())
            lines.push_back(std::move(line));
    }
    m_offset += std::int64_t(begin);
    return lines;
}

std::vector<Json> readLines(const std::filesystem::path& path)
{
    return LineReader(path).read();
}

} // namespace stair
