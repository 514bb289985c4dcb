#include "core/data/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace stair {

namespace {

/// zlib's state for unpacking gzip; released with the object.
class Inflater
{
public:
    Inflater()
    {
        constexpr int gzipOnly = 16 + MAX_WBITS;
        if (inflateInit2(&m_stream, gzipOnly) != Z_OK)
            throw std::runtime_error("zlib cannot start");
    }
    ~Inflater() { inflateEnd(&m_stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    z_stream* operator->() { return &m_stream; }
    int step() { return inflate(&m_stream, Z_NO_FLUSH); }
    void restart() { inflateReset(&m_stream); }

private:
    z_stream m_stream{};
};

} // namespace

bool isGzip(std::span<const std::uint8_t> bytes)
{
    return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> packed)
{
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    Inflater inflater;
    std::vector<std::uint8_t> content;
    std::size_t used = 0;
    std::size_t filled = 0;
    while (isGzip(packed.subspan(used))) { // a stream may consist of several members
        int state = Z_OK;
        while (state != Z_STREAM_END) {
            if (filled == content.size())
                content.resize(std::max<std::size_t>(2 * filled, 4 * packed.size() + 1024));
            const auto input = uInt(std::min(packed.size() - used, most));
            const auto room = uInt(std::min(content.size() - filled, most));
            inflater->next_in = const_cast<Bytef*>(packed.data() + used);
            inflater->avail_in = input;
            inflater->next_out = content.data() + filled;
            inflater->avail_out = room;
            state = inflater.step();
            used += input - inflater->avail_in;
            filled += room - inflater->avail_out;
            if (state == Z_BUF_ERROR)
                throw std::runtime_error("the gzip stream ends too early");
            if (state != Z_OK && state != Z_STREAM_END)
                throw std::runtime_error("the gzip stream is damaged");
        }
        inflater.restart();
    }
    if (used == 0)
        throw std::runtime_error("it is no gzip stream");
    content.resize(filled);
    return content;
}

} // namespace stair
