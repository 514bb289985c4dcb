#include "core/infer/engine.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/ops/channels.h"
#include "core/ops/conv2d.h"
#include "core/ops/eltwise.h"
#include "core/ops/integer/conv_codes.h"
#include "core/ops/integer/kernels.h"
#include "core/ops/lookup.h"
#include "core/ops/reference/ref_conv2d.h"

#include <algorithm>

namespace stair {

Engine::Engine(const Program& program, Runtime& runtime, EngineKernels kernels,
               EngineEpilogue epilogue)
    : m_program(program)
    , m_runtime(runtime)
    , m_kernels(kernels)
    , m_values(program.values.size())
    , m_lastUse(program.values.size(), 0)
{
    for (std::size_t i = 0; i < program.instructions.size(); ++i) {
        const Instruction& in = program.instructions[i];
        for (const int source : in.sources)
            m_lastUse[std::size_t(source)] = i;
        if (in.skip >= 0)
            m_lastUse[std::size_t(in.skip)] = i;
    }
    m_lastUse[std::size_t(program.logits)] = program.instructions.size();
    if (epilogue == EngineEpilogue::FixedPoint)
        prepareFixed();
}

const Tensor& Engine::run(const ImageBytes& images)
{
    loadImage(images);
    runInstructions(0, m_program.instructions.size(), images.shape.n);
    return value(m_program.logits).floats;
}

std::vector<Engine::Value> Engine::runUntil(const ImageBytes& images, std::size_t end,
                                            std::span<const int> wanted)
{
    m_spared = wanted;
    loadImage(images);
    runInstructions(0, end, images.shape.n);
    m_spared = {};
    std::vector<Value> found;
    for (const int id : wanted)
        found.push_back(std::move(value(id)));
    for (Value& rest : m_values)
        rest = {};
    return found;
}

const Tensor& Engine::runFrom(std::size_t first, int images,
                              std::span<const std::pair<int, Value*>> given)
{
    std::vector<int> ids;
    for (const auto& [id, lent] : given) {
        value(id) = std::move(*lent);
        ids.push_back(id);
    }
    m_spared = ids;
    runInstructions(first, m_program.instructions.size(), images);
    m_spared = {};
    for (const auto& [id, lent] : given)
        *lent = std::move(value(id));
    return value(m_program.logits).floats;
}

void Engine::runInstructions(std::size_t first, std::size_t end, int images)
{
    for (std::size_t i = first; i < end; ++i) {
        const Instruction& in = m_program.instructions[i];
        for (const int output : in.outputs)
            allocate(output, images);
        if (m_fixed.empty() || in.compute == Compute::Move)
            execute(in, images);
        else
            executeFixed(i, images);
        if (!m_keep)
            releaseAfter(i);
    }
}

void Engine::allocate(int id, int images)
{
    const ProgramValue& described = m_program.values[std::size_t(id)];
    const Shape shape = described.shape.withImages(images);
    value(id) = {};
    if (described.isFloat)
        value(id).floats = Tensor(shape, m_runtime.pool());
    else
        value(id).codes = Codes(shape, described.grid, m_runtime.pool());
}

void Engine::loadImage(const ImageBytes& images)
{
    if (images.shape.withImages(1) != m_program.image.withImages(1))
        throw Error(concat("[engine] the model takes images of ",
                           toString(m_program.image.withImages(1)), ", given ",
                           toString(images.shape.withImages(1))));
    for (const int id : m_program.imageValues) {
        allocate(id, images.shape.n);
        if (value(id).codes)
            lookUp(images.pixels, images.shape, m_program.imageCodes, value(id).codes.data());
        else
            lookUp(images.pixels, images.shape, m_program.imageTable, value(id).floats.data());
    }
}

void Engine::releaseAfter(std::size_t instruction)
{
    for (std::size_t id = 0; id < m_values.size(); ++id) {
        if (m_lastUse[id] == instruction && std::ranges::find(m_spared, int(id)) == m_spared.end())
            m_values[id] = {};
    }
}

void Engine::execute(const Instruction& in, int images)
{
    if (in.compute == Compute::Move) {
        move(in);
        return;
    }
    if (m_kernels == EngineKernels::Fast && runFused(in))
        return;
    Tensor acc = accumulate(in, images);
    if (in.poolBefore) {
        Shape pooled = in.poolBefore->outputShape(acc.shape());
        Tensor smaller(pooled, m_runtime.pool());
        maxPool(*in.poolBefore, acc, smaller, nullptr);
        acc = std::move(smaller);
    }
    Epilogue epilogue = in.epilogue;
    if (in.skip >= 0) {
        Value& skip = value(in.skip);
        epilogue.skipCodes = skip.codes ? &skip.codes : nullptr;
        epilogue.skipFloats = skip.codes ? nullptr : &skip.floats;
    }
    for (std::size_t i = 0; i < in.outputs.size(); ++i) {
        Value& output = value(in.outputs[i]);
        epilogue.outputs[i].codes = output.codes ? &output.codes : nullptr;
        epilogue.outputs[i].floats = output.codes ? nullptr : &output.floats;
    }
    if (m_kernels == EngineKernels::Fast)
        runEpilogue(acc, epilogue);
    else
        refRunEpilogue(acc, epilogue);
}

void Engine::move(const Instruction& in)
{
    for (std::size_t i = 0; i < in.sources.size(); ++i) {
        Value& from = value(in.sources[i]);
        Value& to = value(in.outputs[i]);
        if (from.codes)
            runMove(in.move, from.codes, to.codes, nullptr);
        else
            runMove(in.move, from.floats, to.floats, nullptr);
    }
}

/// The whole layer as one primitive, where that is exact on this CPU.
bool Engine::runFused(const Instruction& in)
{
    if (in.compute != Compute::Conv || !in.weightCodes || in.poolBefore || in.skip >= 0
        || in.outputs.size() != 1)
        return false;
    const EpilogueOutput& output = in.epilogue.outputs.front();
    Value& to = value(in.outputs.front());
    if (!to.codes || output.rule.kind != HardRule::Kind::NearestEven)
        return false;
    Value& from = value(in.sources.front());
    if (from.codes.shape().c != in.conv.inC)
        return false;
    return convCodesFused(m_runtime, in.conv, from.codes, in.weightCodes, output.m, output.b,
                          output.low, output.high, to.codes);
}

Tensor Engine::accumulate(const Instruction& in, int images)
{
    Value& from = value(in.sources.front());
    Tensor acc(in.computed.withImages(images), m_runtime.pool());
    if (in.compute == Compute::Conv)
        convolve(in, acc);
    else if (in.compute == Compute::Concat)
        join(in, acc);
    else if (in.compute == Compute::SumPool && from.codes)
        sumPool(in.sum, from.codes, acc);
    else if (in.compute == Compute::SumPool)
        sumPool(in.sum, from.floats, acc);
    else if (from.codes)
        codesToFloats(from.codes, 1, acc);
    else
        std::ranges::copy(from.floats.values(), acc.data());
    return acc;
}

void Engine::join(const Instruction& in, Tensor& acc)
{
    int first = 0;
    for (const int source : in.sources) {
        const Value& part = value(source);
        if (part.codes)
            putChannels(part.codes, first, acc);
        else
            putChannels(part.floats, first, acc);
        first += m_program.values[std::size_t(source)].shape.c;
    }
}

void Engine::convolve(const Instruction& in, Tensor& acc)
{
    Value& from = value(in.sources.front());
    const Shape original = from.codes ? from.codes.shape() : from.floats.shape();
    // A linear layer reads its source as one long row an image, in place.
    const Shape seen = original.c == in.conv.inC ? original : Shape{original.n, 1, 1, in.conv.inC};
    if (!in.weightCodes) {
        Tensor real;
        if (from.codes) {
            real = Tensor(original, m_runtime.pool());
            codesToFloats(from.codes, m_program.values[std::size_t(in.sources.front())].step, real);
        }
        Tensor& source = from.codes ? real : from.floats;
        source.reshape(seen);
        if (m_kernels == EngineKernels::Fast)
            conv2dForward(m_runtime, in.conv, source, in.realWeight, acc);
        else
            refConv2dForward(in.conv, source, in.realWeight, acc);
        source.reshape(original);
        return;
    }
    from.codes.reshape(seen);
    if (m_kernels == EngineKernels::Fast)
        convCodes(m_runtime, in.conv, from.codes, in.weightCodes, acc);
    else
        integerConvKernels().back().run(m_runtime, in.conv, from.codes, in.weightCodes, acc);
    from.codes.reshape(original);
}

} // namespace stair
