#include "core/ops/integer/conv_bits_kernels.h"

#include "core/base/concat.h"
#include "core/ops/integer/conv_bits.h"
#include "core/ops/runtime.h"

#include <algorithm>

namespace stair {

namespace {

enum class Operation
{
    Xnor,
    Ternary,
    BitSerial,
};

bool isOneBit(const Grid& grid)
{
    return grid == Grid::odd(1)
        || (grid.kind == Grid::Kind::Uniform && grid.qn == 0 && grid.qp == 1);
}

Operation operationOf(const Grid& src, const Grid& weight)
{
    const bool narrowSource = isOneBit(src) || src.isTernary();
    if (isOneBit(src) && weight == Grid::odd(1))
        return Operation::Xnor;
    if (narrowSource && (weight.isTernary() || weight == Grid::odd(1)))
        return Operation::Ternary;
    return Operation::BitSerial;
}

/// Where counting wins over int8: at most so many passes from so many input channels on.
struct Win
{
    bits::Counting counting;
    bool vnni; // int8 products by instruction
    int passes;
    int channels;
};

// Measured on AVX2 without VNNI (oneDNN 2.6.3, 3x3, `stair bench --kernels`), packing and f32 sums
// included: one pass is 1.3 times as fast as u8 * s8 at 64 channels and 2.1 to 3 times from 128 on;
// two are 1.3 to 1.5 times at 256 and no gain at 128; four and more lose. Measured on AVX-512 with VNNI
// and VPOPCNTDQ (words): one pass is 3.1, 3.9 and 4.2 times as fast as int8 at 128, 256 and 512.
// By instruction counts, not measured: two passes by words have 1.3 times the peak of VNNI, which packing
// and f32 sums use up; bytes have no more than VNNI and are left out beside it; so are words without it.
// Power-of-two weights, whose products are shifts, take a plane for each magnitude, so three passes at
// least where a row has two at most: the engine never counts them.
constexpr Win wins[] = {
    {bits::Counting::Words, true, 1, 64},
    {bits::Counting::Bytes, false, 1, 64},
    {bits::Counting::Bytes, false, 2, 256},
};

struct KeptBits : KernelState
{
    std::optional<BitWeights> weights;
};

bool applies(Runtime& runtime, const IntegerConvKey& key, Operation operation)
{
    if (key.geometry.groups != 1 || operationOf(key.srcGrid, key.weightGrid) != operation)
        return false;
    const auto plan = BitPlan::of(key.srcGrid, key.weightGrid);
    if (!plan)
        return false;
    return std::ranges::any_of(wins, [&](const Win& win) {
        return win.counting == bits::counting() && win.vnni == runtime.hasVnni()
            && plan->passes <= win.passes && key.geometry.inC >= win.channels;
    });
}

} // namespace

bool bitKernelApplies(Runtime& runtime, const IntegerConvKey& key)
{
    return applies(runtime, key, operationOf(key.srcGrid, key.weightGrid));
}

bool isBitKernel(const IntegerConvKernel& kernel)
{
    return kernel.run == runConvBits;
}

bool convXnorApplies(Runtime& runtime, const IntegerConvKey& key)
{
    return applies(runtime, key, Operation::Xnor);
}

bool convTernaryApplies(Runtime& runtime, const IntegerConvKey& key)
{
    return applies(runtime, key, Operation::Ternary);
}

bool convBitSerialApplies(Runtime& runtime, const IntegerConvKey& key)
{
    return applies(runtime, key, Operation::BitSerial);
}

void runConvBits(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                 KeptWeights& kept, Tensor& acc)
{
    std::optional<BitWeights>& weights = stateIn<KeptBits>(kept).weights;
    if (!weights)
        weights.emplace(g, weight);
    convBits(packBits(src, runtime.pool()), *weights, acc);
}

std::string convBitsName(Runtime&, const IntegerConvKey& key)
{
    const auto plan = BitPlan::of(key.srcGrid, key.weightGrid);
    const char* unit = bits::counting() == bits::Counting::Words ? "words"
        : bits::counting() == bits::Counting::Bytes              ? "bytes"
                                                                 : "plain";
    return concat(unit, "x", plan ? plan->passes : 0);
}

} // namespace stair
