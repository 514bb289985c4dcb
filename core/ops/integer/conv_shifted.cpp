#include "core/ops/integer/conv_shifted.h"

#include "core/ops/dnnl/conv.h"
#include "core/ops/integer/int8_limits.h"
#include "core/ops/runtime.h"

#include <algorithm>
#include <cstring>

namespace stair {

namespace {

/// The same convolution on a source whose padding is part of it.
ConvGeometry withoutPadding(ConvGeometry g)
{
    g.padTop = g.padLeft = g.padBottom = g.padRight = 0;
    return g;
}

Shape paddedShape(const ConvGeometry& g, Shape shape)
{
    shape.h += g.padTop + g.padBottom;
    shape.w += g.padLeft + g.padRight;
    return shape;
}

/// The key of the convolution that oneDNN gets to see.
IntegerConvKey shiftedKey(const IntegerConvKey& key)
{
    return {withoutPadding(key.geometry), paddedShape(key.geometry, key.src),
            Grid{8, false, 0, 2 * key.srcMax()}, key.weightGrid};
}

/// src + shift as u8, with a frame of `shift`.
Codes shifted(Runtime& runtime, const ConvGeometry& g, const Codes& src, int shift)
{
    const Shape from = src.shape();
    const Shape to = paddedShape(g, from);
    Codes moved(to, Grid{8, false, 0, 2 * shift}, runtime.pool());
    const std::size_t row = std::size_t(from.w) * std::size_t(from.c);
    const std::size_t left = std::size_t(g.padLeft) * std::size_t(from.c);
    const std::size_t wide = std::size_t(to.w) * std::size_t(to.c);
#pragma omp parallel for collapse(2) schedule(static)
    for (int n = 0; n < to.n; ++n) {
        for (int y = 0; y < to.h; ++y) {
            std::uint8_t* out
                = moved.data() + (std::size_t(n) * std::size_t(to.h) + std::size_t(y)) * wide;
            const int sourceY = y - g.padTop;
            if (sourceY < 0 || sourceY >= from.h) {
                std::memset(out, shift, wide);
                continue;
            }
            const std::uint8_t* in
                = src.data() + (std::size_t(n) * std::size_t(from.h) + std::size_t(sourceY)) * row;
            std::memset(out, shift, left);
            std::memset(out + left + row, shift, wide - left - row);
            for (std::size_t i = 0; i < row; ++i)
                out[left + i] = std::uint8_t(in[i] + shift);
        }
    }
    return moved;
}

/// What the shift adds to each output channel, negated.
std::vector<float> corrections(const Codes& weight, int shift)
{
    const std::int64_t each = weight.size() / weight.shape().n;
    std::vector<float> values(std::size_t(weight.shape().n));
    for (std::size_t channel = 0; channel < values.size(); ++channel) {
        std::int64_t sum = 0;
        for (std::int64_t i = 0; i < each; ++i)
            sum += weight.at(std::int64_t(channel) * each + i);
        values[channel] = float(-shift * sum);
    }
    return values;
}

struct KeptShifted : KernelState
{
    std::vector<float> corrections;
    KeptWeights blocked;
};

} // namespace

bool convShiftedApplies(Runtime& runtime, const IntegerConvKey& key)
{
    const IntegerConvKey moved = shiftedKey(key);
    return key.srcGrid.isSigned && moved.srcMax() <= 255 && moved.accumulatorBound() <= exactFloat
        && !exactInt8(runtime, moved, true).empty();
}

std::string convShiftedName(Runtime& runtime, const IntegerConvKey& key)
{
    return exactInt8(runtime, shiftedKey(key), true);
}

void convShifted(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                 KeptWeights& kept, Tensor& acc)
{
    const int shift = src.grid().maxMagnitude();
    const Codes moved = shifted(runtime, g, src, shift);
    auto& state = stateIn<KeptShifted>(kept);
    if (state.corrections.empty())
        state.corrections = corrections(weight, shift);
    dnnlops::convInt8(runtime, withoutPadding(g), moved, weight, acc, state.corrections,
                      &state.blocked);
}

} // namespace stair
