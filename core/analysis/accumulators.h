#pragma once

#include "core/infer/engine.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// The least and the greatest of some integers.
struct IntegerRange
{
    std::int64_t least = 0;
    std::int64_t most = 0;

    /// In two's complement.
    int bits() const;
};

/// The sums of one layer that computes them from codes: a convolution, linear layer or sum pool.
struct LayerAccumulators
{
    int instruction = 0;
    IntegerRange worst; // of its weights with any codes, padding among them; partial sums too
    int genericBits = 0; // of any weights of their grid: accumulatorBound()
    std::optional<IntegerRange> seen; // over the images shown
};

inline constexpr int accumulatorBits = 32; // of the kernels
inline constexpr int exactFloatBits = 25; // magnitudes to 2^24, which f32 holds exactly

/// What a layer's accumulators may reach: per output channel each weight meets the end of its
/// input's grid that makes the sum greatest, or least.
IntegerRange worstAccumulators(const Program& program, const Instruction& in);

/// Every integer layer of a program, in its order. Nothing is seen yet.
std::vector<LayerAccumulators> listAccumulators(const Program& program);

/// Lets `layers` see the sums that the program computes on the images.
void observeAccumulators(const Program& program, Runtime& runtime, const ImageBytes& images,
                         std::vector<LayerAccumulators>& layers);

} // namespace stair
