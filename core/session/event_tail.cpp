#include "core/session/event_tail.h"

#include <fstream>

namespace stair {

namespace {

constexpr std::size_t markBytes = 96;
constexpr std::size_t blockBytes = 64 * 1024;

/// Up to `count` bytes from `offset`; fewer at the end of the file.
std::string readBlock(std::ifstream& in, std::uint64_t offset, std::size_t count)
{
    std::string block(count, '\0');
    in.clear();
    in.seekg(std::streamoff(offset));
    in.read(block.data(), std::streamsize(count));
    block.resize(std::size_t(std::max<std::streamsize>(in.gcount(), 0)));
    return block;
}

} // namespace

EventTail::EventTail(std::filesystem::path file)
    : m_file(std::move(file))
{
}

void EventTail::rewind()
{
    m_offset = 0;
    m_mark.clear();
    m_pending = true;
}

bool EventTail::wasCut(std::uint64_t size) const
{
    if (size < m_offset)
        return true;
    std::ifstream in(m_file, std::ios::binary);
    return readBlock(in, m_offset - m_mark.size(), m_mark.size()) != m_mark;
}

bool EventTail::poll(const Sink& sink, std::chrono::milliseconds budget)
{
    const auto end = std::chrono::steady_clock::now() + budget;
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(m_file, error);
    if (error)
        return false;
    const auto time = std::filesystem::last_write_time(m_file, error);
    if (!m_pending && size == m_size && time == m_time)
        return false;
    m_size = size;
    m_time = time;
    if (m_offset > 0 && wasCut(size)) {
        rewind();
        sink.restart();
    }

    std::ifstream in(m_file, std::ios::binary);
    std::string text;
    m_pending = false;
    for (;;) {
        const std::string block = readBlock(in, m_offset + text.size(), blockBytes);
        text += block;
        std::size_t start = 0;
        for (std::size_t stop; (stop = text.find('\n', start)) != std::string::npos;
             start = stop + 1)
            sink.line(std::string_view(text).substr(start, stop - start));
        m_offset += start;
        m_mark = (m_mark + text.substr(0, start));
        if (m_mark.size() > markBytes)
            m_mark.erase(0, m_mark.size() - markBytes);
        text.erase(0, start);
        if (block.size() < blockBytes)
            return false;
        if (std::chrono::steady_clock::now() >= end)
            return m_pending = true;
    }
}

} // namespace stair
