#include "core/base/random.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace stair {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key)
{
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t(0xD2511F53) * counter[0];
        const std::uint64_t b = std::uint64_t(0xCD9E8D57) * counter[2];
        counter = {std::uint32_t(b >> 32) ^ counter[1] ^ key[0], std::uint32_t(b),
                   std::uint32_t(a >> 32) ^ counter[3] ^ key[1], std::uint32_t(a)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

Random::Random(std::uint64_t seed, RandomUse use, std::uint64_t stream)
    : m_key{std::uint32_t(seed), std::uint32_t(seed >> 32) ^ (std::uint32_t(use) * 0x85EBCA6Bu)}
    , m_counter{0, 0, std::uint32_t(stream), std::uint32_t(stream >> 32)}
{
}

std::uint32_t Random::bits()
{
    if (m_used == 4) {
        m_block = philox(m_counter, m_key);
        if (++m_counter[0] == 0)
            ++m_counter[1];
        m_used = 0;
    }
    return m_block[std::size_t(m_used++)];
}

float Random::uniform()
{
    return float(bits() >> 8) * 0x1p-24f;
}

float Random::normal()
{
    // 1 - uniform() lies in (0, 1], so the logarithm is finite.
    const double radius = std::sqrt(-2 * std::log(1 - double(uniform())));
    return float(radius * std::cos(2 * std::numbers::pi * double(uniform())));
}

std::uint32_t Random::below(std::uint32_t count)
{
    // Lemire 2019: reject the few products that would make some results likelier.
    std::uint64_t product = std::uint64_t(bits()) * count;
    if (std::uint32_t(product) < count) {
        const std::uint32_t floor = (0u - count) % count;
        while (std::uint32_t(product) < floor)
            product = std::uint64_t(bits()) * count;
    }
    return std::uint32_t(product >> 32);
}

std::vector<std::uint32_t> Random::permutation(std::uint32_t count)
{
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    for (std::uint32_t i = count; i > 1; --i)
        std::swap(order[i - 1], order[below(i)]);
    return order;
}

} // namespace stair
