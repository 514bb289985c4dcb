#include "core/infer/engine_layer.h"

#include "core/ops/integer/conv_bits_kernels.h"

#include <algorithm>

namespace stair {

namespace {

/// Whether an instruction's only output can be written as thresholds of its sums.
bool hasPackedForm(const Program& program, const Instruction& in)
{
    if (in.skip >= 0 || in.outputs.size() != 1)
        return false;
    const ProgramValue& output = program.values[std::size_t(in.outputs.front())];
    // Maxima are known of one plane alone.
    return !output.isFloat && BitCode::of(output.grid, in.poolBefore ? 1 : 4).has_value();
}

bool isBitMaximum(const Program& program, const Instruction& in)
{
    return in.compute == Compute::Move && std::holds_alternative<PoolGeometry>(in.move)
        && in.outputs.size() == 1
        && BitCode::of(program.values[std::size_t(in.outputs.front())].grid, 1).has_value()
        && !program.values[std::size_t(in.outputs.front())].isFloat;
}

} // namespace

/// Packs the weights of a convolution that counting may win, whatever the number of images.
void Engine::planBits(std::size_t i)
{
    const Instruction& in = instruction(i);
    if (in.compute != Compute::Conv || !in.weightCodes || described(in.sources.front()).isFloat)
        return;
    const Grid& grid = described(in.sources.front()).grid;
    if (!bitKernelApplies(m_runtime, keyOf(in, 1)))
        return;
    auto bits = std::make_unique<Layer::Bits>(in);
    if (hasPackedForm(m_program, in)) {
        const EpilogueOutput& output = in.epilogue.outputs.front();
        const Grid& dst = described(in.outputs.front()).grid;
        bits->thresholds.emplace(bits->weights, grid, output.m, output.b, output.rule, output.low,
                                 output.high, dst);
        if (in.poolBefore)
            bits->pool.emplace(dst, in.computed.c, bits->thresholds->descending());
    }
    m_layers[i].bits = std::move(bits);
}

/// A value is written packed where its producer can and where somebody counts its bits.
void Engine::planPacking()
{
    std::vector<bool> isWanted(m_values.size(), false), canBe(m_values.size(), false);
    for (std::size_t i = m_layers.size(); i-- > 0;) {
        const Instruction& in = instruction(i);
        if (m_layers[i].bits && m_layers[i].bits->kernel)
            isWanted[std::size_t(in.sources.front())] = true;
        else if (isBitMaximum(m_program, in) && isWanted[std::size_t(in.outputs.front())])
            isWanted[std::size_t(in.sources.front())] = true;
    }
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Instruction& in = instruction(i);
        const bool isMade = !isBitMaximum(m_program, in) || canBe[std::size_t(in.sources.front())];
        if (isMade && in.outputs.size() == 1 && isWanted[std::size_t(in.outputs.front())])
            canBe[std::size_t(in.outputs.front())] = maySetBits(i);
    }
    for (std::size_t id = 0; id < m_packed.size(); ++id)
        m_packed[id] = isWanted[id] && canBe[id];
}

/// Whether an instruction can write its output packed, and gives right codes so here.
bool Engine::maySetBits(std::size_t i)
{
    const Instruction& in = instruction(i);
    const Layer::Bits* bits = m_layers[i].bits.get();
    IntegerKernels& kernels = m_runtime.integerKernels();
    const Grid& grid = described(in.outputs.front()).grid;
    if (isBitMaximum(m_program, in)) {
        const Shape src = described(in.sources.front()).shape.withImages(m_images);
        return kernels.mayTakeMaxima(m_runtime, {std::get<PoolGeometry>(in.move), src, grid});
    }
    if (!bits || !bits->kernel || !bits->thresholds
        || !kernels.mayPack(m_runtime, keyOf(in, m_images), grid))
        return false;
    const Shape computed = in.computed.withImages(m_images);
    return !in.poolBefore || kernels.mayTakeMaxima(m_runtime, {*in.poolBefore, computed, grid});
}

/// A value's bits for a reader that sees it in that shape; packed in `own` where they are not there.
const BitPlanes& Engine::bitsOf(int id, const Shape& seen, BitPlanes& own)
{
    Value& from = value(id);
    if (from.bits && from.bits.shape() == seen)
        return from.bits;
    if (from.bits && from.bits.canBe(seen)) {
        from.bits.reshape(seen);
        return from.bits;
    }
    unpack(id);
    const Shape original = from.codes.shape();
    from.codes.reshape(seen);
    own = packBits(from.codes, m_runtime.pool());
    from.codes.reshape(original);
    return own;
}

/// The codes of a value that is there in bits alone.
void Engine::unpack(int id)
{
    Value& packed = value(id);
    if (!packed.bits || packed.codes)
        return;
    packed.bits.reshape(described(id).shape.withImages(m_images));
    packed.codes = Codes(packed.bits.shape(), described(id).grid, m_runtime.pool());
    unpackBits(packed.bits, packed.codes);
}

bool Engine::runBits(std::size_t i, int images)
{
    const Instruction& in = instruction(i);
    Layer& layer = m_layers[i];
    if (!layer.bits || !layer.bits->kernel)
        return false;
    const IntegerKernels& kernels = m_runtime.integerKernels();
    BufferPool& pool = m_runtime.pool();
    const Layer::Bits& bits = *layer.bits;
    BitPlanes own;
    const BitPlanes& src = bitsOf(in.sources.front(), seenShape(in, images), own);
    const Shape computed = in.computed.withImages(images);
    if (!m_packed[std::size_t(in.outputs.front())]) {
        Tensor acc(computed, pool);
        kernels.runBits(*bits.kernel, src, bits.weights, acc);
        for (const int output : in.outputs)
            allocate(output, images);
        finish(i, std::move(acc));
        layer.way = "bits";
        return true;
    }
    BitPlanes dst(computed, bits.thresholds->dstGrid(), pool);
    kernels.runBits(*bits.kernel, src, bits.weights, *bits.thresholds, dst);
    if (in.poolBefore) {
        BitPlanes pooled(in.poolBefore->outputShape(computed), dst.grid(), pool);
        kernels.runMaximum(*bits.pool, *in.poolBefore, dst, pooled);
        dst = std::move(pooled);
    }
    value(in.outputs.front()).bits = std::move(dst);
    layer.way = "bits, packed";
    return true;
}

bool Engine::moveBits(std::size_t i, int images)
{
    const Instruction& in = instruction(i);
    if (in.outputs.size() != 1 || !m_packed[std::size_t(in.outputs.front())])
        return false;
    BitPlanes own;
    const ProgramValue& source = described(in.sources.front());
    const BitPlanes& src = bitsOf(in.sources.front(), source.shape.withImages(images), own);
    const auto& pool = std::get<PoolGeometry>(in.move);
    BitPlanes dst(pool.outputShape(src.shape()), src.grid(), m_runtime.pool());
    m_runtime.integerKernels().runMaximum(BitPool(src.grid(), src.shape().c), pool, src, dst);
    value(in.outputs.front()).bits = std::move(dst);
    m_layers[i].way = "bits, packed";
    return true;
}

} // namespace stair
