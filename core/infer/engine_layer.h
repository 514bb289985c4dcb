#pragma once

#include "core/infer/engine.h"
#include "core/ops/integer/bit_pool.h"
#include "core/ops/integer/conv_bits.h"

#include <optional>

namespace stair {

/// What of an instruction can be had before the first image comes.
struct Engine::Layer
{
    /// A convolution by counting.
    struct Bits
    {
        explicit Bits(const Instruction& in)
            : weights(in.conv, in.weightCodes)
        {
        }

        BitWeights weights;
        std::optional<BitThresholds> thresholds; // none where the output has no packed form
        std::optional<BitPool> pool; // the maximum before the epilogue

        // For the batch at hand:
        const IntegerConvKernel* kernel = nullptr; // where one was chosen
    };

    Epilogue epilogue; // its pointers are of the run at hand
    KeptWeights kept;
    std::unique_ptr<Bits> bits;
    std::vector<int> ending; // values that nobody reads afterwards
    const char* way = "";
};

} // namespace stair
