#include "core/quant/perturbation.h"

#include "core/base/random.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace stair {

namespace {

std::span<float> scratch(std::size_t size)
{
    thread_local std::vector<float> v;
    v.resize(std::max(v.size(), size));
    return std::span(v).first(size);
}

constexpr std::int64_t wordBits = 32;

/// +1 for a bit that is set, else -1; without branches.
void spread(std::uint32_t bits, std::array<float, wordBits>& signs)
{
    static constexpr auto masks = [] {
        std::array<std::uint32_t, wordBits> each{};
        for (std::size_t i = 0; i < each.size(); ++i)
            each[i] = 1u << i;
        return each;
    }();
#pragma omp simd
    for (std::size_t i = 0; i < masks.size(); ++i)
        signs[i] = (bits & masks[i]) != 0 ? 1.0f : -1.0f;
}

} // namespace

GradientSums& GradientSums::operator+=(const GradientSums& other)
{
    along += other.along;
    sum += other.sum;
    square += other.square;
    count += other.count;
    return *this;
}

Perturbation::Perturbation(std::span<Quantizer* const> targets, double size, Direction direction)
    : m_size(float(size))
    , m_direction(std::move(direction))
{
    for (const Quantizer* target : targets)
        m_sums[target] = {};
}

void Perturbation::displace(const Quantizer& quantizer, int channel, std::int64_t first,
                            std::span<float> values) const
{
    if (!m_sums.contains(&quantizer))
        return;
    const std::span<float> v = scratch(values.size());
    m_direction(quantizer, first, v);
    const float size = m_size * quantizer.levelStep(channel);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] += size * v[i];
}

GradientSums Perturbation::measure(const Quantizer& quantizer, int channel, std::int64_t first,
                                   std::span<const float> gradient) const
{
    GradientSums sums;
    if (!m_sums.contains(&quantizer))
        return sums;
    const std::span<float> v = scratch(gradient.size());
    m_direction(quantizer, first, v);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        const double g = double(gradient[i]);
        sums.along += double(v[i]) * g;
        sums.sum += g;
        sums.square += g * g;
    }
    const double unit = double(quantizer.levelStep(channel));
    sums.along *= unit;
    sums.sum *= unit;
    sums.square *= unit * unit;
    sums.count = std::int64_t(gradient.size());
    return sums;
}

void Perturbation::displace(const Quantizer& quantizer, std::int64_t first,
                            std::span<float> values) const
{
    displace(quantizer, 0, first, values);
}

GradientSums Perturbation::measure(const Quantizer& quantizer, std::int64_t first,
                                   std::span<const float> gradient) const
{
    return measure(quantizer, 0, first, gradient);
}

void Perturbation::add(const Quantizer& quantizer, const GradientSums& sums)
{
    const auto found = m_sums.find(&quantizer);
    if (found != m_sums.end())
        found->second += sums;
}

void Perturbation::displaceWeights(const Quantizer& quantizer, Tensor& real) const
{
    const std::int64_t each = real.size() / real.shape().n;
    for (int channel = 0; channel < real.shape().n; ++channel) {
        const std::int64_t first = channel * each;
        displace(quantizer, channel, first,
                 real.values().subspan(std::size_t(first), std::size_t(each)));
    }
}

void Perturbation::measureWeights(const Quantizer& quantizer, const Tensor& gradient)
{
    const std::int64_t each = gradient.size() / gradient.shape().n;
    for (int channel = 0; channel < gradient.shape().n; ++channel) {
        const std::int64_t first = channel * each;
        add(quantizer,
            measure(quantizer, channel, first,
                    gradient.values().subspan(std::size_t(first), std::size_t(each))));
    }
}

Perturbation::Direction rademacher(std::uint64_t seed)
{
    return [seed](const Quantizer& quantizer, std::int64_t first, std::span<float> v) {
        const std::uint64_t stream = quantizer.context().stream;
        const std::array<std::uint32_t, 2> key{std::uint32_t(seed), std::uint32_t(seed >> 32)};
        std::array<std::uint32_t, 4> block{};
        std::int64_t held = -1; // the block's number; one block has the signs of 128 elements
        std::array<float, wordBits> signs;
        for (std::size_t i = 0; i < v.size();) {
            const std::int64_t word = (first + std::int64_t(i)) / wordBits;
            const auto bit = std::size_t((first + std::int64_t(i)) % wordBits);
            if (word / 4 != held) {
                held = word / 4;
                block = philox({std::uint32_t(held), std::uint32_t(held >> 32),
                                std::uint32_t(stream), std::uint32_t(stream >> 32)},
                               key);
            }
            spread(block[std::size_t(word % 4)], signs);
            const std::size_t run = std::min(std::size_t(wordBits) - bit, v.size() - i);
            std::copy_n(signs.data() + bit, run, v.data() + i);
            i += run;
        }
    };
}

} // namespace stair
