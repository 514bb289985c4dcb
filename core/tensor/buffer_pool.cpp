#include "core/tensor/buffer_pool.h"

#include <algorithm>
#include <new>
#include <utility>

namespace stair {

namespace {

constexpr std::align_val_t alignment{64};

std::byte* allocate(std::size_t bytes)
{
    return static_cast<std::byte*>(::operator new(bytes, alignment));
}

void deallocate(std::byte* data)
{
    ::operator delete(data, alignment);
}

} // namespace

struct Buffer::Shelf
{
    ~Shelf()
    {
        for (const auto& [capacity, data] : idle)
            deallocate(data);
    }

    std::mutex mutex;
    std::multimap<std::size_t, std::byte*> idle;
    std::size_t held = 0;
};

Buffer::Buffer(std::size_t bytes)
    : m_data(bytes ? allocate(bytes) : nullptr)
    , m_bytes(bytes)
    , m_capacity(bytes)
{
}

Buffer::~Buffer()
{
    release();
}

Buffer::Buffer(Buffer&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr))
    , m_bytes(std::exchange(other.m_bytes, 0))
    , m_capacity(std::exchange(other.m_capacity, 0))
    , m_shelf(std::move(other.m_shelf))
{
}

Buffer& Buffer::operator=(Buffer&& other) noexcept
{
    if (this != &other) {
        release();
        m_data = std::exchange(other.m_data, nullptr);
        m_bytes = std::exchange(other.m_bytes, 0);
        m_capacity = std::exchange(other.m_capacity, 0);
        m_shelf = std::move(other.m_shelf);
    }
    return *this;
}

void Buffer::release()
{
    if (!m_data)
        return;
    if (m_shelf) {
        const std::scoped_lock lock(m_shelf->mutex);
        m_shelf->idle.emplace(m_capacity, m_data);
    } else {
        deallocate(m_data);
    }
    m_data = nullptr;
    m_shelf.reset();
}

BufferPool::BufferPool()
    : m_shelf(std::make_shared<Buffer::Shelf>())
{
}

Buffer BufferPool::take(std::size_t bytes)
{
    // Whole pages keep nearby sizes interchangeable.
    const std::size_t wanted = (std::max<std::size_t>(bytes, 1) + 4095) / 4096 * 4096;
    Buffer buffer;
    buffer.m_bytes = bytes;
    buffer.m_shelf = m_shelf;
    const std::scoped_lock lock(m_shelf->mutex);
    const auto fit = m_shelf->idle.lower_bound(wanted);
    if (fit != m_shelf->idle.end() && fit->first <= wanted + wanted / 2) {
        buffer.m_capacity = fit->first;
        buffer.m_data = fit->second;
        m_shelf->idle.erase(fit);
    } else {
        buffer.m_capacity = wanted;
        buffer.m_data = allocate(wanted);
        m_shelf->held += wanted;
    }
    return buffer;
}

std::size_t BufferPool::bytesHeld() const
{
    const std::scoped_lock lock(m_shelf->mutex);
    return m_shelf->held;
}

} // namespace stair
