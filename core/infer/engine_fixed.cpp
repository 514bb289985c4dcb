#include "core/infer/engine_layer.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/ops/integer/int8_limits.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace stair {

namespace {

std::vector<std::int32_t> wholeNumbers(const Tensor& values)
{
    std::vector<std::int32_t> whole(std::size_t(values.size()));
    std::ranges::transform(values.values(), whole.begin(),
                           [](float value) { return std::int32_t(value); });
    return whole;
}

/// What one convolution computes of the weights: number `place` of the digits of `bits` bits that
/// the codes are made of, the last with the sign; of every so many-th term alone.
struct Share
{
    int bits = 4;
    int place = 0;
    std::int64_t part = 0;
    std::int64_t parts = 1;
};

Codes shareOf(const Codes& codes, const Share& share)
{
    const int bits = share.bits;
    const bool isLast = bits * (share.place + 1) >= 8;
    Codes result(codes.shape(), isLast ? Grid::uniform(bits, true) : Grid{8, true, 0, 1 << bits});
    const std::int64_t terms = codes.size() / codes.shape().n;
    for (std::int64_t i = 0; i < codes.size(); ++i) {
        const int above = codes.at(i) >> (bits * share.place);
        const int digit = isLast ? above : above & ((1 << bits) - 1);
        result.data()[i] = std::uint8_t(i % terms % share.parts == share.part ? digit : 0);
    }
    return result;
}

/// Calls visit(to, from) for every value that a window has of the image, `to` being its result's.
template<typename Visit>
void overWindows(const SumWindow& w, const Shape& src, const Shape& dst, const Visit& visit)
{
    std::int64_t to = 0;
    for (int n = 0; n < dst.n; ++n)
        for (int y = 0; y < dst.h; ++y)
            for (int x = 0; x < dst.w; ++x, to += dst.c)
                for (int v = std::max(0, y * w.stride - w.pad);
                     v < std::min(src.h, y * w.stride - w.pad + w.kernelH); ++v)
                    for (int u = std::max(0, x * w.stride - w.pad);
                         u < std::min(src.w, x * w.stride - w.pad + w.kernelW); ++u)
                        for (int c = 0; c < dst.c; ++c)
                            visit(std::size_t(to + c),
                                  ((std::int64_t(n) * src.h + v) * src.w + u) * src.c + c);
}

std::vector<std::int32_t> pooled(const PoolGeometry& g, const Shape& src,
                                 const std::vector<std::int32_t>& sums)
{
    const Shape dst = g.outputShape(src);
    std::vector<std::int32_t> most(std::size_t(dst.size()),
                                   std::numeric_limits<std::int32_t>::min());
    overWindows({g.kernel, g.kernel, g.stride, g.pad}, src, dst,
                [&](std::size_t to, std::int64_t from) {
                    most[to] = std::max(most[to], sums[std::size_t(from)]);
                });
    return most;
}

void addWindows(const SumWindow& w, const Codes& src, const Shape& dst,
                std::vector<std::int32_t>& sums)
{
    overWindows(w, src.shape(), dst,
                [&](std::size_t to, std::int64_t from) { sums[to] += src.at(from); });
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

/// The accumulators as integers. Where f32 may round them, a convolution is made of several: one for
/// each digit of the weights and, where one bit of all terms is too much, for some of them at a time.
std::vector<std::int32_t> Engine::exactSums(const Instruction& in, int images)
{
    const std::int64_t bound = accumulatorBound(m_program, in);
    if (bound <= exactFloat)
        return wholeNumbers(accumulate(in, images, nullptr));
    const Shape computed = in.computed.withImages(images);
    if (in.compute != Compute::Conv) {
        std::vector<std::int32_t> whole(std::size_t(computed.size()), 0);
        if (in.compute == Compute::SumPool)
            addWindows(in.sum, value(in.sources.front()).codes, computed, whole);
        else // Add: nothing else has large sums
            for (const int id : in.sources)
                addWindows({}, value(id).codes, computed, whole);
        return whole;
    }
    const std::int64_t perUnit = bound / in.weightCodes.grid().maxMagnitude();
    Share share;
    while (share.bits > 1 && perUnit << share.bits > exactFloat)
        share.bits /= 2;
    share.parts = ((perUnit << share.bits) + exactFloat - 1) / exactFloat;
    Instruction part;
    part.compute = in.compute;
    part.sources = in.sources;
    part.conv = in.conv;
    part.computed = in.computed;
    std::vector<std::int64_t> sums(std::size_t(computed.size()), 0);
    for (share.place = 0; share.bits * share.place < 8; ++share.place)
        for (share.part = 0; share.part < share.parts; ++share.part) {
            part.weightCodes = shareOf(in.weightCodes, share);
            const auto own = wholeNumbers(accumulate(part, images, nullptr));
            for (std::size_t i = 0; i < sums.size(); ++i)
                sums[i] += own[i] * (std::int64_t(1) << (share.bits * share.place));
        }
    return {sums.begin(), sums.end()};
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
