#include "core/analysis/accumulators.h"

#include <algorithm>

namespace stair {

namespace {

bool hasIntegerSums(const Program& program, const Instruction& in)
{
    const bool sums
        = in.compute == Compute::SumPool || (in.compute == Compute::Conv && bool(in.weightCodes));
    return sums && !program.values[std::size_t(in.sources.front())].isFloat;
}

/// Of the codes that a sum may meet: a grid's ends, and zero, which padding is and an unfinished
/// sum has in the place of what is still to come.
IntegerRange codesOf(const Grid& grid)
{
    return {std::min(grid.qn, 0), std::max(grid.qp, 0)};
}

} // namespace

int IntegerRange::bits() const
{
    int bits = 1;
    while (least < -(std::int64_t(1) << (bits - 1)) || most >= std::int64_t(1) << (bits - 1))
        ++bits;
    return bits;
}

IntegerRange worstAccumulators(const Program& program, const Instruction& in)
{
    const IntegerRange codes = codesOf(program.values[std::size_t(in.sources.front())].grid);
    if (in.compute == Compute::SumPool)
        return {codes.least * in.sum.pixels(), codes.most * in.sum.pixels()};
    IntegerRange worst;
    const std::int64_t each = in.weightCodes.size() / in.conv.outC;
    for (int channel = 0; channel < in.conv.outC; ++channel) {
        IntegerRange sum;
        for (std::int64_t i = channel * each; i < (channel + 1) * each; ++i) {
            const std::int64_t weight = in.weightCodes.at(i);
            sum.most += std::max(weight * codes.least, weight * codes.most);
            sum.least += std::min(weight * codes.least, weight * codes.most);
        }
        worst = {std::min(worst.least, sum.least), std::max(worst.most, sum.most)};
    }
    return worst;
}

std::vector<LayerAccumulators> listAccumulators(const Program& program)
{
    std::vector<LayerAccumulators> layers;
    for (std::size_t i = 0; i < program.instructions.size(); ++i) {
        const Instruction& in = program.instructions[i];
        if (!hasIntegerSums(program, in))
            continue;
        const std::int64_t bound = accumulatorBound(program, in);
        layers.push_back({.instruction = int(i),
                          .worst = worstAccumulators(program, in),
                          .genericBits = IntegerRange{-bound, bound}.bits(),
                          .seen = {}});
    }
    return layers;
}

void observeAccumulators(const Program& program, Runtime& runtime, const ImageBytes& images,
                         std::vector<LayerAccumulators>& layers)
{
    Engine engine(program, runtime);
    engine.keepValues(true);
    engine.run(images);
    for (LayerAccumulators& layer : layers) {
        const auto sums = engine.sums(std::size_t(layer.instruction), images.shape.n);
        const auto [least, most] = std::ranges::minmax(sums);
        const IntegerRange before = layer.seen.value_or(IntegerRange{least, most});
        layer.seen = {std::min<std::int64_t>(before.least, least),
                      std::max<std::int64_t>(before.most, most)};
    }
}

} // namespace stair
