#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/codes.h"

#include <cstring>

namespace stair {

/// 16-bit integers in pool memory, 0 at first: codes laid out for a kernel.
class Shorts
{
public:
    Shorts(std::int64_t size, BufferPool& pool)
        : m_buffer(pool.take(std::size_t(size) * sizeof(std::int16_t)))
    {
        std::memset(m_buffer.data(), 0, std::size_t(size) * sizeof(std::int16_t));
    }

    std::int16_t* data() { return reinterpret_cast<std::int16_t*>(m_buffer.data()); }
    const std::int16_t* data() const
    {
        return reinterpret_cast<const std::int16_t*>(m_buffer.data());
    }

private:
    Buffer m_buffer;
};

/// Calls body(codes) with the codes as a pointer to std::int8_t or std::uint8_t.
template<typename Body>
void withType(const Codes& codes, const Body& body)
{
    if (codes.grid().isSigned)
        body(reinterpret_cast<const std::int8_t*>(codes.data()));
    else
        body(codes.data());
}

/// The codes one to one.
inline Shorts widened(const Codes& codes, BufferPool& pool)
{
    Shorts wide(codes.size(), pool);
    withType(codes, [&](const auto* from) {
        std::int16_t* to = wide.data();
        const std::int64_t size = codes.size();
#pragma omp parallel for schedule(static)
        for (std::int64_t i = 0; i < size; ++i)
            to[i] = std::int16_t(from[i]);
    });
    return wide;
}

/// Whether each channel is convolved with a kernel of its own.
inline bool isDepthwise(const ConvGeometry& g)
{
    return g.groups == g.inC && g.groups == g.outC;
}

} // namespace stair
