#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace stair {

class BufferPool;

/// Bytes aligned to 64, owned; given back to the pool they came from, or freed. Move-only.
class Buffer
{
public:
    Buffer() = default;

    /// Straight from the heap, for what lives as long as the program's models do.
    explicit Buffer(std::size_t bytes);
    ~Buffer();
    Buffer(Buffer&& other) noexcept;
    Buffer& operator=(Buffer&& other) noexcept;

    std::byte* data() { return m_data; }
    const std::byte* data() const { return m_data; }
    std::size_t bytes() const { return m_bytes; }
    explicit operator bool() const { return m_data != nullptr; }

private:
    friend class BufferPool;
    struct Shelf;
    void release();

    std::byte* m_data = nullptr;
    std::size_t m_bytes = 0;
    std::size_t m_capacity = 0;
    std::shared_ptr<Shelf> m_shelf;
};

/// Reuses the memory of activations and gradients from step to step: a training step asks for the
/// same sizes each time. Thread-safe. Buffers may outlive the pool.
class BufferPool
{
public:
    BufferPool();

    /// Uninitialised bytes; the smallest idle buffer that fits without wasting half, or a new one.
    Buffer take(std::size_t bytes);

    /// Bytes obtained from the system and not given back to it, idle or in use.
    std::size_t bytesHeld() const;

private:
    std::shared_ptr<Buffer::Shelf> m_shelf;
};

} // namespace stair
