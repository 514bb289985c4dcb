#pragma once

#include "core/ops/integer/bit_planes.h"
#include "core/ops/integer/bit_weights.h"

#include <cstdint>
#include <vector>

namespace stair {

/// Products of bits for two words of channels, as Zhang et al. 2019 (AQE, section on inference)
/// count them.
/// Signs, 1: -1, 0: +1, in `channels` channels: N - 2 * popcount(a xor w).
int refDotSigns(std::uint64_t a, std::uint64_t w, int channels);

/// Ternary, by nonzero bits and sign bits: popcount(nz & ~d) - popcount(nz & d), nz = nonzeroA &
/// nonzeroW, d = signA xor signW. Either side may be of signs, all its bits nonzero.
int refDotTernary(std::uint64_t nonzeroA, std::uint64_t signA, std::uint64_t nonzeroW,
                  std::uint64_t signW);

/// A convolution on packed codes and packed weights, one code at a time: the accumulators, laid out
/// as the output. Padding adds nothing.
std::vector<std::int64_t> refConvBits(const BitPlanes& src, const BitWeights& weights);

} // namespace stair
