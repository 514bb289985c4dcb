#pragma once

#include "core/tensor/buffer_pool.h"
#include "core/tensor/grid.h"
#include "core/tensor/shape.h"

#include <cstdint>
#include <span>

namespace stair {

/// A quantized tensor: one byte a code, NHWC, u8 or s8 by its grid. Move-only.
class Codes
{
public:
    Codes() = default;

    Codes(const Shape& shape, const Grid& grid)
        : m_shape(shape)
        , m_grid(grid)
        , m_buffer(std::size_t(shape.size()))
    {
    }

    Codes(const Shape& shape, const Grid& grid, BufferPool& pool)
        : m_shape(shape)
        , m_grid(grid)
        , m_buffer(pool.take(std::size_t(shape.size())))
    {
    }

    const Shape& shape() const { return m_shape; }
    const Grid& grid() const { return m_grid; }
    std::int64_t size() const { return m_buffer ? m_shape.size() : 0; }
    explicit operator bool() const { return bool(m_buffer); }

    /// Signed grids hold int8_t, unsigned ones uint8_t, in the same bytes.
    std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(m_buffer.data()); }
    const std::uint8_t* data() const
    {
        return reinterpret_cast<const std::uint8_t*>(m_buffer.data());
    }
    std::span<std::uint8_t> bytes() { return {data(), std::size_t(size())}; }
    std::span<const std::uint8_t> bytes() const { return {data(), std::size_t(size())}; }

    /// Code number i with its sign.
    int at(std::int64_t i) const
    {
        return m_grid.isSigned ? int(std::int8_t(data()[i])) : int(data()[i]);
    }

    /// Another grid of the same signedness, for codes that are still to be written.
    void setGrid(const Grid& grid) { m_grid = grid; }

    void reshape(const Shape& shape) { m_shape = shape; }

private:
    Shape m_shape;
    Grid m_grid;
    Buffer m_buffer;
};

} // namespace stair
