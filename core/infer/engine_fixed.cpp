#include "core/infer/engine_layer.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace stair {

namespace {

constexpr std::int64_t exactFloat = std::int64_t(1) << 24;

std::vector<std::int32_t> wholeNumbers(const Tensor& values)
{
    std::vector<std::int32_t> whole(std::size_t(values.size()));
    std::ranges::transform(values.values(), whole.begin(),
                           [](float value) { return std::int32_t(value); });
    return whole;
}

/// Number `place` of the digits of `bits` bits that the codes are made of; the last has the sign.
Codes digits(const Codes& codes, int bits, int place)
{
    const bool isLast = bits * (place + 1) >= 8;
    Codes result(codes.shape(), isLast ? Grid::uniform(bits, true) : Grid{8, true, 0, 1 << bits});
    for (std::int64_t i = 0; i < codes.size(); ++i) {
        const int above = codes.at(i) >> (bits * place);
        result.data()[i] = std::uint8_t(isLast ? above : above & ((1 << bits) - 1));
    }
    return result;
}

std::vector<std::int32_t> pooled(const PoolGeometry& g, const Shape& src,
                                 const std::vector<std::int32_t>& sums)
{
    const Shape dst = g.outputShape(src);
    std::vector<std::int32_t> most(std::size_t(dst.size()),
                                   std::numeric_limits<std::int32_t>::min());
    std::size_t to = 0;
    for (int n = 0; n < dst.n; ++n)
        for (int y = 0; y < dst.h; ++y)
            for (int x = 0; x < dst.w; ++x, to += std::size_t(dst.c))
                for (int v = std::max(0, y * g.stride - g.pad);
                     v < std::min(src.h, y * g.stride - g.pad + g.kernel); ++v)
                    for (int u = std::max(0, x * g.stride - g.pad);
                         u < std::min(src.w, x * g.stride - g.pad + g.kernel); ++u)
                        for (int c = 0; c < dst.c; ++c) {
                            const auto from
                                = ((std::int64_t(n) * src.h + v) * src.w + u) * src.c + c;
                            auto& best = most[to + std::size_t(c)];
                            best = std::max(best, sums[std::size_t(from)]);
                        }
    return most;
}

} // namespace

void Engine::prepareFixed()
{
    if (const std::string refusal = fixedPointRefusal(m_program); !refusal.empty())
        throw Error(concat("[engine] ", refusal));
    for (const Instruction& in : m_program.instructions) {
        std::vector<FixedOutput> outputs;
        if (in.compute != Compute::Move)
            for (std::size_t i = 0; i < in.outputs.size(); ++i)
                outputs.push_back(fixedOutput(m_program, in, i));
        m_fixed.push_back(std::move(outputs));
    }
}

void Engine::executeFixed(std::size_t instruction, int images)
{
    const Instruction& in = m_program.instructions[instruction];
    std::vector<std::int32_t> sums = exactSums(in, images);
    if (in.poolBefore)
        sums = pooled(*in.poolBefore, in.computed.withImages(images), sums);
    for (std::size_t i = 0; i < in.outputs.size(); ++i)
        writeFixed(in, i, m_fixed[instruction][i], sums);
}

/// The accumulators as integers. Where f32 may round them, from one convolution for each digit of the
/// weights.
std::vector<std::int32_t> Engine::exactSums(const Instruction& in, int images)
{
    const std::int64_t bound = accumulatorBound(m_program, in);
    if (bound <= exactFloat)
        return wholeNumbers(accumulate(in, images, nullptr));
    const std::int64_t perUnit = bound / in.weightCodes.grid().maxMagnitude();
    int bits = 4;
    while (bits > 1 && perUnit << bits > exactFloat)
        bits /= 2;
    Instruction part;
    part.compute = in.compute;
    part.sources = in.sources;
    part.conv = in.conv;
    part.computed = in.computed;
    std::vector<std::int32_t> sums;
    for (int place = 0; bits * place < 8; ++place) {
        part.weightCodes = digits(in.weightCodes, bits, place);
        const std::vector<std::int32_t> own = wholeNumbers(accumulate(part, images, nullptr));
        sums.resize(own.size(), 0);
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] += own[i] * (1 << (bits * place));
    }
    return sums;
}

void Engine::writeFixed(const Instruction& in, std::size_t index, const FixedOutput& fixed,
                        std::span<const std::int32_t> sums)
{
    Value& to = value(in.outputs[index]);
    const EpilogueOutput& output = in.epilogue.outputs[index];
    const Codes* skip = in.skip >= 0 ? &value(in.skip).codes : nullptr;
    const std::size_t channels = fixed.m.size();
    const bool isLogits = in.outputs[index] == m_program.logits;
    if (isLogits)
        m_integerLogits.assign(sums.size(), 0);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const int c = int(i % channels);
        const std::int64_t v = fixed.value(c, sums[i], skip ? skip->at(std::int64_t(i)) : 0);
        if (isLogits) {
            m_integerLogits[i] = v;
            to.floats.data()[i] = float(std::ldexp(double(v), -fixed.shift.front()));
        } else {
            to.codes.data()[i] = std::uint8_t(fixedCode(fixed, output, c, v));
        }
    }
}

} // namespace stair
