#include "core/infer/engine_layer.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/stop_watch.h"
#include "core/ops/channels.h"
#include "core/ops/conv2d.h"
#include "core/ops/eltwise.h"
#include "core/ops/integer/conv_bits_kernels.h"
#include "core/ops/integer/conv_codes.h"
#include "core/ops/integer/kernels.h"
#include "core/ops/lookup.h"
#include "core/ops/reference/ref_move.h"
#include "core/ops/reference/ref_pool2d.h"

#include <algorithm>
#include <bit>

namespace stair {

namespace {

/// Of a layer's sums, codes in and codes out, for one image.
std::int64_t bytesOf(const Program& program, const Instruction& in)
{
    const auto bytes = [&program](int id) {
        const ProgramValue& value = program.values[std::size_t(id)];
        return value.shape.withImages(1).size() * (value.isFloat ? 4 : 1);
    };
    std::int64_t sum = in.computed.withImages(1).size() * 4;
    for (const int id : in.sources)
        sum += bytes(id);
    for (const int id : in.outputs)
        sum += bytes(id);
    return sum;
}

/// As many as keep the largest layer in the last-level cache, yet enough for each thread to use the
/// weights it has fetched.
int imagesAtOnce(const Program& program)
{
    constexpr std::int64_t cache = 16 << 20;
    constexpr int least = 4;
    std::int64_t largest = 1;
    for (const Instruction& in : program.instructions)
        largest = std::max(largest, bytesOf(program, in));
    return std::max(least, int(std::bit_floor(std::uint64_t(cache / largest))));
}

} // namespace

Engine::Engine(const Program& program, Runtime& runtime, EngineKernels kernels,
               EngineEpilogue epilogue)
    : m_program(program)
    , m_runtime(runtime)
    , m_kernels(kernels)
    , m_partImages(imagesAtOnce(program))
    , m_layers(program.instructions.size())
    , m_times(program.instructions.size() + 1, 0)
    , m_values(program.values.size())
    , m_packed(program.values.size(), false)
{
    constexpr std::size_t never = ~std::size_t(0);
    std::vector<std::size_t> lastUse(program.values.size(), never);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Instruction& in = instruction(i);
        m_layers[i].epilogue = in.epilogue;
        for (const int source : in.sources)
            lastUse[std::size_t(source)] = i;
        if (in.skip >= 0)
            lastUse[std::size_t(in.skip)] = i;
    }
    lastUse[std::size_t(program.logits)] = never;
    for (std::size_t id = 0; id < lastUse.size(); ++id)
        if (lastUse[id] != never)
            m_layers[lastUse[id]].ending.push_back(int(id));
    if (epilogue == EngineEpilogue::FixedPoint)
        prepareFixed();
    else if (kernels == EngineKernels::Fast && runtime.kernels() == Kernels::Fast)
        for (std::size_t i = 0; i < m_layers.size(); ++i)
            planBits(i);
}

Engine::~Engine() = default;

const Tensor& Engine::run(const ImageBytes& images)
{
    const int count = images.shape.n;
    if (m_keep || !m_fixed.empty() || count <= m_partImages)
        return runPart(images);
    const Shape logits = described(m_program.logits).shape;
    m_logits = Tensor(logits.withImages(count), m_runtime.pool());
    const std::int64_t bytes = m_program.image.withImages(1).size();
    for (int first = 0; first < count; first += m_partImages) {
        const Shape part = images.shape.withImages(std::min(m_partImages, count - first));
        const Tensor& some = runPart({images.pixels + first * bytes, part});
        std::ranges::copy(some.values(), m_logits.data() + first * logits.withImages(1).size());
    }
    return m_logits;
}

const Tensor& Engine::runPart(const ImageBytes& images)
{
    const int count = images.shape.n;
    prepare(count);
    {
        const StopWatch watch(m_times.front());
        loadImage(images);
    }
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const StopWatch watch(m_times[i + 1]);
        step(i, count);
    }
    for (int id = 0; m_keep && id < int(m_values.size()); ++id)
        unpack(id);
    return value(m_program.logits).floats;
}

std::vector<Engine::Value> Engine::runUntil(const ImageBytes& images, std::size_t end,
                                            std::span<const int> wanted)
{
    m_spared = wanted;
    prepare(images.shape.n);
    loadImage(images);
    for (std::size_t i = 0; i < end; ++i)
        step(i, images.shape.n);
    m_spared = {};
    std::vector<Value> found;
    for (const int id : wanted) {
        unpack(id);
        value(id).bits = {};
        found.push_back(std::move(value(id)));
    }
    for (Value& rest : m_values)
        rest = {};
    return found;
}

const Tensor& Engine::runFrom(std::size_t first, int images,
                              std::span<const std::pair<int, Value*>> given)
{
    prepare(images);
    std::vector<int> ids;
    for (const auto& [id, lent] : given) {
        value(id) = std::move(*lent);
        ids.push_back(id);
    }
    m_spared = ids;
    for (std::size_t i = first; i < m_layers.size(); ++i)
        step(i, images);
    m_spared = {};
    for (const auto& [id, lent] : given)
        *lent = std::move(value(id));
    return value(m_program.logits).floats;
}

std::string Engine::describe(std::size_t i) const
{
    const Instruction& in = instruction(i);
    if (*m_layers[i].way)
        return m_layers[i].way;
    if (in.compute != Compute::Conv)
        return in.compute == Compute::Move ? "moved" : "sums";
    if (!in.weightCodes || m_kernels == EngineKernels::Reference)
        return in.weightCodes ? "reference" : "f32";
    return m_runtime.integerKernels().choose(m_runtime, keyOf(in, m_images)).implementation;
}

/// Kernels are chosen, and checked, for a number of images.
void Engine::prepare(int images)
{
    for (Value& value : m_values)
        value = {};
    if (images == m_images)
        return;
    m_images = images;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        Layer::Bits* bits = m_layers[i].bits.get();
        if (!bits)
            continue;
        const IntegerConvKernel* kernel
            = m_runtime.integerKernels().choose(m_runtime, keyOf(instruction(i), images)).kernel;
        bits->kernel = isBitKernel(*kernel) ? kernel : nullptr;
    }
    planPacking();
}

void Engine::step(std::size_t i, int images)
{
    const Instruction& in = instruction(i);
    if (in.compute == Compute::Move) {
        move(i, images);
    } else if (!m_fixed.empty()) {
        for (const int output : in.outputs)
            allocate(output, images);
        executeFixed(i, images);
    } else if (!runBits(i, images)) {
        execute(i, images);
    }
    if (!m_keep)
        release(i);
}

void Engine::release(std::size_t i)
{
    for (const int id : m_layers[i].ending)
        if (std::ranges::find(m_spared, id) == m_spared.end())
            value(id) = {};
}

void Engine::allocate(int id, int images)
{
    const Shape shape = described(id).shape.withImages(images);
    if (described(id).isFloat)
        value(id).floats = Tensor(shape, m_runtime.pool());
    else
        value(id).codes = Codes(shape, described(id).grid, m_runtime.pool());
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

void Engine::execute(std::size_t i, int images)
{
    const Instruction& in = instruction(i);
    for (const int source : in.sources)
        unpack(source);
    for (const int output : in.outputs)
        allocate(output, images);
    if (m_kernels == EngineKernels::Fast && runFused(i))
        return;
    finish(i, accumulate(in, images, &m_layers[i].kept));
}

/// From accumulators to the outputs.
void Engine::finish(std::size_t i, Tensor acc)
{
    const Instruction& in = instruction(i);
    if (in.poolBefore) {
        Tensor smaller(in.poolBefore->outputShape(acc.shape()), m_runtime.pool());
        if (m_kernels == EngineKernels::Fast)
            maxPool(*in.poolBefore, acc, smaller, nullptr);
        else
            refMaxPoolForward(*in.poolBefore, acc, smaller);
        acc = std::move(smaller);
    }
    Epilogue& epilogue = m_layers[i].epilogue;
    if (in.skip >= 0) {
        unpack(in.skip);
        Value& skip = value(in.skip);
        epilogue.skipCodes = skip.codes ? &skip.codes : nullptr;
        epilogue.skipFloats = skip.codes ? nullptr : &skip.floats;
    }
    for (std::size_t k = 0; k < in.outputs.size(); ++k) {
        Value& output = value(in.outputs[k]);
        epilogue.outputs[k].codes = output.codes ? &output.codes : nullptr;
        epilogue.outputs[k].floats = output.codes ? nullptr : &output.floats;
    }
    if (m_kernels == EngineKernels::Fast)
        runEpilogue(acc, epilogue);
    else
        refRunEpilogue(acc, epilogue);
}

void Engine::move(std::size_t i, int images)
{
    if (moveBits(i, images))
        return;
    const Instruction& in = instruction(i);
    for (std::size_t k = 0; k < in.sources.size(); ++k) {
        unpack(in.sources[k]);
        allocate(in.outputs[k], images);
        Value& from = value(in.sources[k]);
        Value& to = value(in.outputs[k]);
        const bool isFast = m_kernels == EngineKernels::Fast;
        if (from.codes && isFast)
            runMove(in.move, from.codes, to.codes, nullptr);
        else if (from.codes)
            refRunMove(in.move, from.codes, to.codes);
        else if (isFast)
            runMove(in.move, from.floats, to.floats, nullptr);
        else
            refRunMove(in.move, from.floats, to.floats);
    }
}

/// The whole layer as one primitive, where that is exact on this CPU.
bool Engine::runFused(std::size_t i)
{
    const Instruction& in = instruction(i);
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
                          output.low, output.high, to.codes, &m_layers[i].kept);
}

Tensor Engine::accumulate(const Instruction& in, int images, KeptWeights* kept)
{
    if (m_kernels == EngineKernels::Reference)
        return plainSums(in, images);
    Value& from = value(in.sources.front());
    Tensor acc(in.computed.withImages(images), m_runtime.pool());
    if (in.compute == Compute::Conv)
        convolve(in, kept, acc);
    else if (in.compute == Compute::Concat)
        join(in, acc);
    else if (in.compute == Compute::Add)
        addParts(in, acc);
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

void Engine::addParts(const Instruction& in, Tensor& acc)
{
    for (std::size_t i = 0; i < in.sources.size(); ++i) {
        const Value& part = value(in.sources[i]);
        const bool begins = i == 0;
        if (part.codes && begins)
            codesToFloats(part.codes, 1, acc);
        else if (part.codes)
            addCodesInto(part.codes, acc);
        else if (begins)
            std::ranges::copy(part.floats.values(), acc.data());
        else
            addInto(part.floats, acc);
    }
}

IntegerConvKey Engine::keyOf(const Instruction& in, int images) const
{
    return {in.conv, seenShape(in, images), described(in.sources.front()).grid,
            in.weightCodes.grid()};
}

Shape Engine::seenShape(const Instruction& in, int images) const
{
    return in.conv.seenShape(described(in.sources.front()).shape.withImages(images));
}

void Engine::convolve(const Instruction& in, KeptWeights* kept, Tensor& acc)
{
    Value& from = value(in.sources.front());
    const Shape original = from.codes ? from.codes.shape() : from.floats.shape();
    const Shape seen = seenShape(in, original.n);
    if (!in.weightCodes) {
        Tensor real;
        if (from.codes) {
            real = Tensor(original, m_runtime.pool());
            codesToFloats(from.codes, m_program.values[std::size_t(in.sources.front())].step, real);
        }
        Tensor& source = from.codes ? real : from.floats;
        source.reshape(seen);
        conv2dForward(m_runtime, in.conv, source, in.realWeight, acc, kept);
        source.reshape(original);
        return;
    }
    from.codes.reshape(seen);
    convCodes(m_runtime, in.conv, from.codes, in.weightCodes, acc, kept);
    from.codes.reshape(original);
}

} // namespace stair
