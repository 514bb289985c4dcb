#include "core/exchange/program_builder.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/lower/program_check.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

using Wire = ProgramBuilder::Wire;

RealAffine identity(int channels)
{
    return {std::vector<double>(std::size_t(channels), 1),
            std::vector<double>(std::size_t(channels), 0)};
}

} // namespace

std::string ProgramBuilder::unique(std::string name)
{
    std::string candidate = name.empty() ? "layer" : name;
    for (int i = 2; !m_names.insert(candidate).second; ++i)
        candidate = stair::concat(name, "_", i);
    return candidate;
}

Shape ProgramBuilder::resultOf(const Instruction& in) const
{
    return in.poolBefore ? in.poolBefore->outputShape(in.computed) : in.computed;
}

Shape ProgramBuilder::shapeOf(const Wire& wire) const
{
    if (wire.value >= 0)
        return m_program.values[std::size_t(wire.value)].shape;
    return wire.layer >= 0 ? resultOf(layer(wire.layer)) : m_program.image.withImages(1);
}

float ProgramBuilder::stepOf(const Wire& wire) const
{
    const bool isCoded = wire.value >= 0 && !m_program.values[std::size_t(wire.value)].isFloat;
    return isCoded ? m_program.values[std::size_t(wire.value)].step : 0;
}

int ProgramBuilder::addValue(const std::string& name, const Shape& shape)
{
    ProgramValue v;
    v.name = name;
    v.shape = shape;
    v.isFloat = true;
    m_program.values.push_back(v);
    return int(m_program.values.size()) - 1;
}

int ProgramBuilder::floatOutput(int id)
{
    for (const int output : layer(id).outputs) {
        if (value(output).isFloat)
            return output;
    }
    const int output = addValue(layer(id).name, resultOf(layer(id)));
    layer(id).outputs.push_back(output);
    layer(id).epilogue.outputs.emplace_back();
    return output;
}

/// The wire as a value that an instruction can read: reals where nothing quantizes them.
int ProgramBuilder::valueOf(const Wire& wire)
{
    if (wire.value >= 0)
        return wire.value;
    if (wire.layer >= 0)
        return floatOutput(wire.layer);
    const std::vector<float> table(wire.table.begin(), wire.table.end());
    if (!m_program.imageTable.empty() && m_program.imageTable != table)
        throw Error("the image is read in two ways");
    for (const int id : m_program.imageValues) {
        if (value(id).isFloat)
            return id;
    }
    m_program.imageTable = table;
    m_program.imageValues.push_back(addValue("image", m_program.image.withImages(1)));
    return m_program.imageValues.back();
}

int ProgramBuilder::open(const std::string& name, Compute compute, const std::vector<int>& sources,
                         const Shape& computed)
{
    Instruction in;
    in.name = unique(name);
    in.compute = compute;
    in.sources = sources;
    in.computed = computed;
    m_program.instructions.push_back(std::move(in));
    m_affines.push_back(identity(computed.c));
    return int(m_program.instructions.size()) - 1;
}

Wire ProgramBuilder::copyOf(const std::string& name, const Wire& from)
{
    Wire copy;
    const Shape shape = shapeOf(from);
    copy.layer = open(name, Compute::Copy, {valueOf(from)}, shape);
    copy.isFlat = from.isFlat;
    return copy;
}

/// Whether the wire's layer can take in what follows; behind a join that is an activation alone.
bool ProgramBuilder::isOpen(const Wire& wire, bool forSkip) const
{
    return wire.layer >= 0 && wire.isSole && layer(wire.layer).outputs.empty()
        && (!forSkip || layer(wire.layer).skip < 0)
        && layer(wire.layer).epilogue.activation == Activation::none();
}

Wire ProgramBuilder::conv(const std::string& name, const Wire& from, const ConvGeometry& g,
                          const Weights& w)
{
    if (g.weightShape().size() == 0)
        throw Error("has no weights");
    const Shape source = shapeOf(from);
    if (source.c != g.inC && source.size() != g.inC)
        throw Error(stair::concat("takes ", g.inC, " inputs, given ", toString(source)));
    const int id = valueOf(from);
    Wire result;
    result.layer = open(name, Compute::Conv, {id}, g.outputShape(g.seenShape(source)).withImages(1));
    Instruction& in = layer(result.layer);
    in.conv = g;
    const std::int64_t each = g.weightShape().size() / g.outC;
    const auto stepOf = [&](std::int64_t i) {
        return w.steps[w.steps.size() > 1 ? std::size_t(i / each) : 0];
    };
    if (!w.codes.empty() && !value(id).isFloat) {
        const bool isNibble = std::ranges::all_of(
            w.codes, [](std::int64_t code) { return code >= -8 && code <= 7; });
        in.weightCodes = Codes(g.weightShape(), Grid::uniform(isNibble ? 4 : 8, true));
        std::ranges::transform(w.codes, in.weightCodes.data(),
                               [](std::int64_t code) { return std::uint8_t(code); });
        in.weightSteps.assign(w.steps.begin(), w.steps.end());
        return result;
    }
    in.realWeight = Tensor(g.weightShape());
    for (std::int64_t i = 0; i < in.realWeight.size(); ++i)
        in.realWeight.data()[i] = w.codes.empty()
            ? float(w.reals[std::size_t(i)])
            : float(double(w.codes[std::size_t(i)]) * stepOf(i));
    return result;
}

Wire ProgramBuilder::affine(const std::string& name, const Wire& from, const RealAffine& a)
{
    if (!from.table.empty()) {
        Wire image = from;
        for (std::size_t i = 0; i < image.table.size(); ++i)
            image.table[i] = image.table[i] * a.m[i / 256] + a.b[i / 256];
        return image;
    }
    Wire result = isOpen(from, true) ? from : copyOf(name, from);
    RealAffine& own = m_affines[std::size_t(result.layer)];
    for (std::size_t c = 0; c < own.m.size(); ++c) {
        own.m[c] *= a.m[c];
        own.b[c] = own.b[c] * a.m[c] + a.b[c];
    }
    return result;
}

Wire ProgramBuilder::add(const std::string& name, const Wire& a, const Wire& b)
{
    if (shapeOf(a) != shapeOf(b))
        throw Error(stair::concat("adds ", toString(shapeOf(a)), " and ", toString(shapeOf(b))));
    if (stepOf(a) > 0 && stepOf(a) == stepOf(b)) { // codes of one step add up as they are
        Wire sum;
        sum.layer = open(name, Compute::Add, {a.value, b.value}, shapeOf(a));
        sum.isFlat = a.isFlat && b.isFlat;
        return sum;
    }
    const bool swaps = !isOpen(a, true) && isOpen(b, true);
    const Wire& main = swaps ? b : a;
    const Wire& other = swaps ? a : b;
    const int skip = valueOf(other);
    Wire result = isOpen(main, true) ? main : copyOf(name, main);
    layer(result.layer).skip = skip;
    return result;
}

Wire ProgramBuilder::clamp(const std::string& name, const Wire& from, const Activation& to)
{
    Wire result = isOpen(from, false) ? from : copyOf(name, from);
    layer(result.layer).epilogue.activation = to;
    return result;
}

Wire ProgramBuilder::sumPool(const std::string& name, const Wire& from, const SumWindow& window)
{
    const int source = valueOf(from);
    Instruction probe;
    probe.compute = Compute::SumPool;
    probe.sources = {source};
    probe.sum = window;
    Wire result;
    result.layer
        = open(name, Compute::SumPool, {source}, computedShape(m_program, probe).withImages(1));
    layer(result.layer).sum = window;
    return result;
}

/// Over multipliers that are not negative a maximum may as well be taken of the accumulators.
Wire ProgramBuilder::maxPool(const std::string& name, const Wire& from, const PoolGeometry& window)
{
    const bool commutes = isOpen(from, true) && layer(from.layer).compute == Compute::Conv
        && !layer(from.layer).poolBefore
        && std::ranges::all_of(m_affines[std::size_t(from.layer)].m,
                               [](double m) { return m >= 0; });
    if (!commutes)
        return move(name, from, window);
    layer(from.layer).poolBefore = window;
    return from;
}

Wire ProgramBuilder::concat(const std::string& name, const std::vector<Wire>& parts)
{
    std::vector<int> sources;
    for (const Wire& part : parts)
        sources.push_back(valueOf(part));
    Instruction probe;
    probe.compute = Compute::Concat;
    probe.sources = sources;
    Wire result;
    result.layer
        = open(name, Compute::Concat, sources, computedShape(m_program, probe).withImages(1));
    return result;
}

Wire ProgramBuilder::move(const std::string& name, const Wire& from, const Move& move)
{
    const int source = valueOf(from);
    const Shape shape
        = std::visit([&](const auto& m) { return m.outputShape(value(source).shape); }, move);
    const int id = open(name, Compute::Move, {source}, shape.withImages(1));
    ProgramValue moved = value(source);
    moved.name = layer(id).name;
    moved.shape = shape.withImages(1);
    m_program.values.push_back(moved);
    layer(id).move = move;
    layer(id).outputs = {int(m_program.values.size()) - 1};
    Wire result;
    result.value = layer(id).outputs.front();
    return result;
}

Wire ProgramBuilder::quantize(const std::string& name, const Wire& from, const Grid& grid,
                              double step)
{
    if (!from.table.empty()) {
        Wire codes = from;
        for (double& entry : codes.table)
            entry = std::clamp(double(std::nearbyint(float(entry) / float(step))), double(grid.qn),
                               double(grid.qp));
        return imageCodes(codes, grid, step);
    }
    const auto isSame = [&](int id) {
        return !value(id).isFloat && value(id).grid == grid && value(id).step == float(step);
    };
    Wire result;
    result.isFlat = from.isFlat;
    if (from.value >= 0 && isSame(from.value)) {
        result.value = from.value;
        return result;
    }
    const int id = from.layer >= 0 ? from.layer : copyOf(name, from).layer;
    for (const int output : layer(id).outputs) {
        if (isSame(output)) {
            result.value = output;
            return result;
        }
    }
    result.value = addValue(name, resultOf(layer(id)));
    value(result.value).isFloat = false;
    value(result.value).grid = grid;
    value(result.value).step = float(step);
    layer(id).outputs.push_back(result.value);
    layer(id).epilogue.outputs.emplace_back();
    return result;
}

Wire ProgramBuilder::imageCodes(const Wire& codes, const Grid& grid, double step)
{
    std::vector<std::uint8_t> bytes;
    for (const double entry : codes.table) {
        if (entry < grid.qn || entry > grid.qp || entry != std::nearbyint(entry))
            throw Error("reads the image as other codes than its type has");
        bytes.push_back(std::uint8_t(int(entry)));
    }
    if (!m_program.imageCodes.empty() && m_program.imageCodes != bytes)
        throw Error("the image is read in two ways");
    Wire result;
    for (const int id : m_program.imageValues) {
        if (!value(id).isFloat && value(id).grid == grid && value(id).step == float(step))
            result.value = id;
    }
    if (result.value >= 0)
        return result;
    m_program.imageCodes = bytes;
    result.value = addValue("image", m_program.image.withImages(1));
    value(result.value).isFloat = false;
    value(result.value).grid = grid;
    value(result.value).step = float(step);
    m_program.imageValues.push_back(result.value);
    return result;
}

/// Multipliers and ranges, once everything about the layer is known.
void ProgramBuilder::setEpilogue(Instruction& in, const RealAffine& affine)
{
    setRealAffine(m_program, in, affine);
    const Activation& activation = in.epilogue.activation;
    if (in.skip >= 0)
        in.epilogue.skipStep = value(in.skip).isFloat ? 1 : value(in.skip).step;
    for (std::size_t i = 0; i < in.outputs.size(); ++i) {
        const ProgramValue& to = value(in.outputs[i]);
        if (to.isFloat)
            continue;
        EpilogueOutput& output = in.epilogue.outputs[i];
        if (in.skip >= 0)
            output.inverseStep = float(1 / double(to.step));
        const auto inRange = [&](float end) {
            const float code = std::nearbyint(end / to.step);
            return int(std::clamp(code, float(to.grid.qn), float(to.grid.qp)));
        };
        output.low = inRange(activation.low);
        output.high = inRange(activation.high);
    }
}

/// Skips may be made after the layer that takes them in.
void ProgramBuilder::sort()
{
    std::vector<bool> written(m_program.values.size(), false);
    for (const int id : m_program.imageValues)
        written[std::size_t(id)] = true;
    std::vector<Instruction> sorted;
    std::vector<bool> isPlaced(m_program.instructions.size(), false);
    const auto isReady = [&](const Instruction& in) {
        return std::ranges::all_of(in.sources, [&](int id) { return written[std::size_t(id)]; })
            && (in.skip < 0 || written[std::size_t(in.skip)]);
    };
    while (sorted.size() < isPlaced.size()) {
        const std::size_t before = sorted.size();
        for (std::size_t i = 0; i < isPlaced.size() && sorted.size() == before; ++i) {
            if (isPlaced[i] || !isReady(m_program.instructions[i]))
                continue;
            isPlaced[i] = true;
            sorted.push_back(std::move(m_program.instructions[i]));
            for (const int id : sorted.back().outputs)
                written[std::size_t(id)] = true;
        }
        if (sorted.size() == before)
            throw Error("its graph has a cycle");
    }
    m_program.instructions = std::move(sorted);
}

Program ProgramBuilder::finish(const Wire& logits)
{
    const bool isReal = logits.layer >= 0 || (logits.value >= 0 && value(logits.value).isFloat);
    m_program.logits = valueOf(isReal ? logits : copyOf("logits", logits));
    const Shape shape = value(m_program.logits).shape;
    if (shape.h != 1 || shape.w != 1)
        throw Error(stair::concat("gives a map of ", toString(shape), ", not one row of logits"));
    // What nobody reads has no place in a program.
    for (std::size_t i = m_program.instructions.size(); i-- > 0;) {
        if (m_program.instructions[i].outputs.empty()) {
            m_program.instructions.erase(m_program.instructions.begin() + std::ptrdiff_t(i));
            m_affines.erase(m_affines.begin() + std::ptrdiff_t(i));
        }
    }
    for (std::size_t i = 0; i < m_program.instructions.size(); ++i) {
        if (m_program.instructions[i].compute != Compute::Move)
            setEpilogue(m_program.instructions[i], m_affines[i]);
    }
    sort();
    checkProgram(m_program);
    return std::move(m_program);
}

} // namespace stair
