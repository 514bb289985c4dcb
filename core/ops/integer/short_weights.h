#pragma once

#include "core/ops/geometry.h"
#include "core/ops/simd/short_kernels.h"
#include "core/tensor/codes.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace stair {

/// Weights as 16-bit integers in blocks of output channels: [block][k][pair][channel][2], for
/// matrices k of an even number of inputs; zeros where there is no channel or input. Owns its memory.
class ShortWeights
{
public:
    ShortWeights() = default;
    ShortWeights(int matrices, int inputs, int outputs)
        : m_matrices(std::size_t(matrices))
        , m_pairs((std::size_t(inputs) + 1) / 2)
        , m_blocks((std::size_t(outputs) + shorts::blockChannels - 1) / shorts::blockChannels)
        , m_buffer(m_blocks * m_matrices * matrixSize() * sizeof(std::int16_t))
    {
        std::memset(m_buffer.data(), 0, m_buffer.bytes());
    }

    explicit operator bool() const { return bool(m_buffer); }
    std::size_t blocks() const { return m_blocks; }
    std::size_t pairs() const { return m_pairs; }

    const std::int16_t* matrix(std::size_t block, std::size_t k) const
    {
        return data() + (block * m_matrices + k) * matrixSize();
    }

    void set(std::size_t k, int input, int output, int value)
    {
        const std::size_t block = std::size_t(output) / shorts::blockChannels;
        const std::size_t channel = std::size_t(output) % shorts::blockChannels;
        const std::size_t pair = std::size_t(input) / 2;
        auto* numbers = reinterpret_cast<std::int16_t*>(m_buffer.data());
        numbers[(block * m_matrices + k) * matrixSize()
                + (pair * shorts::blockChannels + channel) * 2 + std::size_t(input) % 2]
            = std::int16_t(value);
    }

private:
    std::size_t matrixSize() const { return m_pairs * shorts::blockChannels * 2; }
    const std::int16_t* data() const
    {
        return reinterpret_cast<const std::int16_t*>(m_buffer.data());
    }

    std::size_t m_matrices = 0;
    std::size_t m_pairs = 0;
    std::size_t m_blocks = 0;
    Buffer m_buffer;
};

/// How a call of 32-bit sums is shared out: so many rows of a product at a time.
inline constexpr std::size_t productRows = 48;

} // namespace stair
