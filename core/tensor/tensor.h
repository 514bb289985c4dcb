#pragma once

#include "core/tensor/buffer_pool.h"
#include "core/tensor/shape.h"

#include <algorithm>
#include <span>

namespace stair {

/// Dense f32 values, NHWC. Owns its memory; move-only, copied by clone().
class Tensor
{
public:
    Tensor() = default;

    /// Zeros, from the heap.
    explicit Tensor(const Shape& shape)
        : m_shape(shape)
        , m_buffer(std::size_t(shape.size()) * sizeof(float))
    {
        fill(0);
    }

    /// Uninitialised values from a pool.
    Tensor(const Shape& shape, BufferPool& pool)
        : m_shape(shape)
        , m_buffer(pool.take(std::size_t(shape.size()) * sizeof(float)))
    {
    }

    const Shape& shape() const { return m_shape; }
    std::int64_t size() const { return m_buffer ? m_shape.size() : 0; }
    explicit operator bool() const { return bool(m_buffer); }

    float* data() { return reinterpret_cast<float*>(m_buffer.data()); }
    const float* data() const { return reinterpret_cast<const float*>(m_buffer.data()); }
    std::span<float> values() { return {data(), std::size_t(size())}; }
    std::span<const float> values() const { return {data(), std::size_t(size())}; }

    void fill(float value) { std::ranges::fill(values(), value); }

    /// The same values under other dimensions of equal size.
    void reshape(const Shape& shape) { m_shape = shape; }

    Tensor clone() const
    {
        Tensor copy(m_shape);
        std::ranges::copy(values(), copy.data());
        return copy;
    }

private:
    Shape m_shape;
    Buffer m_buffer;
};

} // namespace stair
