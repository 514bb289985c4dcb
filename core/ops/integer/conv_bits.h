#pragma once

#include "core/ops/integer/bit_planes.h"
#include "core/ops/integer/bit_weights.h"
#include "core/ops/integer/thresholds.h"
#include "core/ops/simd/bit_kernels.h"
#include "core/tensor/tensor.h"

#include <span>

namespace stair {

// Layers chained without bytes between them, as an engine would run them:
//     const BitWeights w1(g1, codes1), w2(g2, codes2);                     // once
//     const BitThresholds t1(w1, xGrid, m1, b1, rule1, low1, high1, yGrid);
//     BitPlanes x = packBits(codes, pool);                                 // for each batch
//     BitPlanes y(g1.outputShape(x.shape()), yGrid, pool);
//     convBits(x, w1, t1, y);
//     convBits(y, w2, acc);                                                // a float reader
// A reader that takes bytes gets them by unpackBits. Joins have no packed form; maxima have one
// (bit_pool.h).

/// Convolution of codes of at most 4 bits by counting bits instead of multiplying. Exact for every
/// shape, stride, dilation and padding; groups = 1. Padding is code 0 and adds nothing, also where 0
/// is no level. acc = f32(sum of source code * weight code).
void convBits(const BitPlanes& src, const BitWeights& weights, Tensor& acc);

/// A layer's epilogue without a join, clamp(R(f32(acc) * m[c] + b[c]), low, high), for an output
/// grid of at most 4 bits, prepared once: at most 15 comparisons of integers a channel.
class BitThresholds
{
public:
    /// For sums of source codes of `srcGrid` and the weights.
    BitThresholds(const BitWeights& weights, const Grid& srcGrid, std::span<const float> m,
                  std::span<const float> b, const HardRule& rule, int low, int high,
                  const Grid& dstGrid);

    const Grid& dstGrid() const { return m_dstGrid; }
    const bits::LevelTable& table() const { return m_table; }

    /// Whether a channel's code falls as its sums grow.
    const std::vector<bool>& descending() const { return m_descending; }

private:
    void setChannel(std::size_t channel, std::size_t channels, const ChannelThresholds& at);

    Grid m_dstGrid;
    bits::LevelTable m_table;
    std::vector<bool> m_descending;
};

/// dst = the epilogue's codes; allocated with the output's shape.
void convBits(const BitPlanes& src, const BitWeights& weights, const BitThresholds& epilogue,
              BitPlanes& dst);

/// What is counted for a pair of grids; how often says how fast it is.
struct BitPlan
{
    bits::Mode mode = bits::Mode::Signs;
    int passes = 1; // counts of one word of channels

    /// None where a grid needs more than 4 planes.
    static std::optional<BitPlan> of(const Grid& src, const Grid& weight);
};

} // namespace stair
