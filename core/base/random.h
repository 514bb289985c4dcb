#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace stair {

/// What a stream of random numbers is for; part of every key, so that no two uses share numbers.
enum class RandomUse : std::uint32_t
{
    Initialisation = 1,
    Shuffle,
    Augmentation,
    Procedural,
    Split,
    Rounding,
    Recalibration,
    Test,
    GradientRounding,
    Calibration,
    Curvature,
    Samples,
};

/// Counter-based generator (Philox 4x32-10: Salmon et al., SC 2011): the numbers depend on the key
/// (seed, use, stream) and the position alone. There is no hidden state, so a resumed run draws
/// what the uninterrupted one would have drawn. A value type; copy it to branch.
class Random
{
public:
    Random(std::uint64_t seed, RandomUse use, std::uint64_t stream = 0);

    /// The next 32 uniform bits.
    std::uint32_t bits();

    /// Uniform in [0, 1), 24 bits.
    float uniform();

    /// Standard normal (Box and Muller).
    float normal();

    /// Uniform in 0 .. count - 1 without bias. count > 0.
    std::uint32_t below(std::uint32_t count);

    /// A random order of 0 .. count - 1 (Fisher and Yates).
    std::vector<std::uint32_t> permutation(std::uint32_t count);

private:
    std::array<std::uint32_t, 2> m_key;
    std::array<std::uint32_t, 4> m_counter;
    std::array<std::uint32_t, 4> m_block{};
    int m_used = 4;
};

/// One block of Philox 4x32-10.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

} // namespace stair
