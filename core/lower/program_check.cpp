#include "core/lower/program_check.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/lower/fixed_point.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr std::int64_t mostValues = std::int64_t(1) << 28; // of one image, or of a layer's weights
constexpr std::int64_t accumulatorEnd = std::int64_t(1) << 31;

/// Of one image.
bool isSize(const Shape& s)
{
    const auto isExtent = [](int extent) {
        return extent > 0 && extent <= mostExtent;
    };
    return isExtent(s.h) && isExtent(s.w) && isExtent(s.c) && s.withImages(1).size() <= mostValues;
}

bool areFinite(const std::vector<float>& values)
{
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

/// A program being walked in the order in which it runs.
class Check
{
public:
    explicit Check(const Program& program)
        : m_program(program)
        , m_written(program.values.size(), false)
    {
    }

    void run()
    {
        m_place = "image";
        checkImage();
        for (const Instruction& in : m_program.instructions) {
            m_place = in.name;
            checkInstruction(in);
        }
        m_place = "logits";
        requireThat(isReadable(m_program.logits) && value(m_program.logits).isFloat,
                    "are not a float value of the program");
    }

private:
    [[noreturn]] void fail(const std::string& what) const
    {
        throw Error(concat("[program] ", m_place, ": ", what));
    }
    void requireThat(bool holds, const std::string& what) const
    {
        if (!holds)
            fail(what);
    }

    const ProgramValue& value(int id) const { return m_program.values[std::size_t(id)]; }
    bool isValue(int id) const { return id >= 0 && std::size_t(id) < m_program.values.size(); }
    bool isReadable(int id) const { return isValue(id) && m_written[std::size_t(id)]; }

    void write(int id)
    {
        requireThat(isValue(id) && !m_written[std::size_t(id)], "writes no value of its own");
        const ProgramValue& v = value(id);
        requireThat(isSize(v.shape), "writes a value without a size, or too large a one");
        requireThat(std::isfinite(v.step) && v.step > 0, "writes a value without a step");
        if (!v.isFloat)
            checkGrid(v.grid);
        m_written[std::size_t(id)] = true;
    }

    void checkGrid(const Grid& g) const
    {
        const int least = g.isSigned ? -128 : 0;
        const int most = g.isSigned ? 127 : 255;
        requireThat(g.bits >= 1 && g.bits <= 8 && least <= g.qn && g.qn < g.qp && g.qp <= most,
                    "has a grid that is none");
        int levels = 0;
        for (int code = g.qn; code <= g.qp; ++code)
            levels += g.has(code) ? 1 : 0;
        requireThat(levels > 1, "has a grid of fewer than two levels");
    }

    void checkImage()
    {
        const Shape& image = m_program.image;
        const std::size_t table = std::size_t(std::clamp(image.c, 1, 1 << 16)) * 256;
        for (const int id : m_program.imageValues) {
            write(id);
            requireThat(value(id).shape.withImages(1) == image.withImages(1),
                        "has another size than its value");
            requireThat(
                (value(id).isFloat ? m_program.imageTable.size() : m_program.imageCodes.size())
                    == table,
                "has no table of 256 entries a channel");
        }
        requireThat(!m_program.imageValues.empty(), "is read by nothing");
    }

    void checkInstruction(const Instruction& in)
    {
        requireThat(!in.sources.empty() && !in.outputs.empty(), "reads or writes nothing");
        for (const int source : in.sources)
            requireThat(isReadable(source), "reads a value that is not there yet");
        const Shape computed = computedShape(m_program, in);
        requireThat(computed.withImages(1) == in.computed.withImages(1),
                    "gives another size than it says");
        requireThat(isSize(computed), "computes a map without a size, or too large a one");
        if (in.compute == Compute::Conv)
            checkWeights(in);
        if (in.compute == Compute::Add)
            checkSum(in);
        checkAccumulators(in);
        for (const int output : in.outputs)
            write(output);
        if (in.compute == Compute::Move)
            checkMove(in);
        else
            checkEpilogue(in, in.poolBefore ? in.poolBefore->outputShape(computed) : computed);
    }

    void checkWeights(const Instruction& in) const
    {
        const Shape shape = in.conv.weightShape();
        if (!in.weightCodes) {
            requireThat(in.realWeight && in.realWeight.shape() == shape, "lacks its weights");
            return;
        }
        const Grid& grid = in.weightCodes.grid();
        const ProgramValue& source = value(in.sources.front());
        requireThat(!in.realWeight && !source.isFloat && in.weightCodes.shape() == shape
                        && grid.isSigned,
                    "has weights that do not fit");
        checkGrid(grid);
        const std::size_t steps = in.weightSteps.size();
        requireThat(steps == 1 || steps == std::size_t(in.conv.outC), "lacks its weights' steps");
        requireThat(areFinite(in.weightSteps), "has a weights' step that is not finite");
        for (std::int64_t i = 0; i < in.weightCodes.size(); ++i) {
            const int code = in.weightCodes.at(i);
            requireThat(code >= grid.qn && code <= grid.qp && grid.has(code),
                        "has a weight beside its grid");
        }
    }

    /// Codes are summed in 32 bits.
    void checkAccumulators(const Instruction& in) const
    {
        const bool isReal = value(in.sources.front()).isFloat || in.realWeight;
        requireThat(isReal || accumulatorBound(m_program, in) < accumulatorEnd,
                    "could pass 2^31 in a sum");
    }

    /// Codes of one step alone can be added as they are.
    void checkSum(const Instruction& in) const
    {
        const ProgramValue& first = value(in.sources.front());
        for (const int source : in.sources) {
            const ProgramValue& part = value(source);
            requireThat(part.isFloat == first.isFloat && (part.isFloat || part.step == first.step),
                        "adds values of other steps");
        }
    }

    void checkMove(const Instruction& in) const
    {
        requireThat(in.sources.size() == in.outputs.size(), "moves not what it reads");
        for (std::size_t i = 0; i < in.sources.size(); ++i) {
            const ProgramValue& from = value(in.sources[i]);
            const ProgramValue& to = value(in.outputs[i]);
            requireThat(from.isFloat == to.isFloat && (from.isFloat || from.grid == to.grid),
                        "changes what it should move");
            requireThat(to.shape.withImages(1) == in.computed.withImages(1)
                            && from.shape.withImages(1)
                                == value(in.sources.front()).shape.withImages(1),
                        "moves values of other sizes");
        }
    }

    void checkEpilogue(const Instruction& in, const Shape& result) const
    {
        const Epilogue& e = in.epilogue;
        const std::size_t channels = std::size_t(result.c);
        const bool joins = in.skip >= 0;
        requireThat(e.outputs.size() == in.outputs.size(), "lacks an epilogue for a value");
        if (joins)
            requireThat(isReadable(in.skip)
                            && value(in.skip).shape.withImages(1) == result.withImages(1)
                            && e.m.size() == channels && e.b.size() == channels,
                        "has a join that does not fit");
        requireThat(areFinite(e.m) && areFinite(e.b) && std::isfinite(e.skipStep),
                    "has a join with a multiplier, an offset or a step that is not finite");
        for (std::size_t i = 0; i < in.outputs.size(); ++i) {
            const ProgramValue& to = value(in.outputs[i]);
            const EpilogueOutput& output = e.outputs[i];
            requireThat(to.shape.withImages(1).size() == result.withImages(1).size()
                            && to.shape.c == result.c,
                        "writes a value of another size");
            requireThat(joins || (output.m.size() == channels && output.b.size() == channels),
                        "lacks multipliers for its channels");
            requireThat(areFinite(output.m) && areFinite(output.b)
                            && std::isfinite(output.inverseStep),
                        "has a multiplier, an offset or an inverse step that is not finite");
            if (!to.isFloat)
                checkRange(output, to.grid);
        }
    }

    void checkRange(const EpilogueOutput& output, const Grid& grid) const
    {
        requireThat(output.low >= grid.qn && output.low <= output.high && output.high <= grid.qp,
                    "writes codes beside the grid");
        const HardRule& rule = output.rule;
        if (rule.kind == HardRule::Kind::Thresholds)
            requireThat(rule.codes.size() == rule.thresholds.size() + 1
                            && std::ranges::is_sorted(rule.thresholds),
                        "has thresholds out of order");
    }

    const Program& m_program;
    std::vector<bool> m_written; // by value
    std::string m_place;
};

void checkGeometry(const Instruction& in)
{
    const ConvGeometry& g = in.conv;
    const auto within = [](int value, int least, int most) {
        return value >= least && value <= most;
    };
    const bool isOne = within(g.inC, 1, 1 << 28) && within(g.outC, 1, mostExtent)
        && within(g.kernelH, 1, 255) && within(g.kernelW, 1, 255) && within(g.stride, 1, mostExtent)
        && within(g.dilation, 1, 255) && within(g.padTop, 0, mostExtent)
        && within(g.padLeft, 0, mostExtent) && within(g.padBottom, 0, mostExtent)
        && within(g.padRight, 0, mostExtent) && within(g.groups, 1, mostExtent)
        && g.inC % g.groups == 0 && g.outC % g.groups == 0 && g.terms() * g.outC <= mostValues;
    if (!isOne)
        throw Error(concat("[program] ", in.name, ": has a convolution that is none"));
}

void checkWindow(const Instruction& in, int kernelH, int kernelW, int stride, int pad)
{
    const auto isExtent = [](int value) {
        return value >= 1 && value <= mostExtent;
    };
    if (!isExtent(kernelH) || !isExtent(kernelW) || !isExtent(stride) || pad < 0
        || pad >= mostExtent || std::int64_t(kernelH) * kernelW > mostValues)
        throw Error(concat("[program] ", in.name, ": has a window that is none"));
}

/// Each window of a maximum sees a pixel.
void checkMaximum(const Instruction& in, const PoolGeometry& pool)
{
    checkWindow(in, pool.kernel, pool.kernel, pool.stride, pool.pad);
    if (pool.pad >= pool.kernel)
        throw Error(concat("[program] ", in.name, ": takes a maximum of padding alone"));
}

} // namespace

Shape computedShape(const Program& program, const Instruction& in)
{
    const auto shapeOf = [&](int id) {
        return program.values[std::size_t(id)].shape.withImages(1);
    };
    const Shape source = shapeOf(in.sources.front());
    if (in.poolBefore)
        checkMaximum(in, *in.poolBefore);
    switch (in.compute) {
    case Compute::Conv:
        checkGeometry(in);
        return in.conv.outputShape(in.conv.seenShape(source));
    case Compute::SumPool: {
        checkWindow(in, in.sum.kernelH, in.sum.kernelW, in.sum.stride, in.sum.pad);
        const int h = source.h + 2 * in.sum.pad - in.sum.kernelH;
        const int w = source.w + 2 * in.sum.pad - in.sum.kernelW;
        if (h < 0 || w < 0)
            throw Error(concat("[program] ", in.name, ": has a window larger than its image"));
        return {1, h / in.sum.stride + 1, w / in.sum.stride + 1, source.c};
    }
    case Compute::Concat: {
        Shape all = source;
        for (std::size_t i = 1; i < in.sources.size(); ++i) {
            const Shape part = shapeOf(in.sources[i]);
            if (part.h != all.h || part.w != all.w)
                throw Error(concat("[program] ", in.name, ": joins images of other sizes"));
            all.c += part.c;
            if (all.c > mostExtent)
                throw Error(concat("[program] ", in.name, ": joins too many channels"));
        }
        return all;
    }
    case Compute::Add:
        for (const int id : in.sources) {
            if (shapeOf(id) != source)
                throw Error(concat("[program] ", in.name, ": adds values of other sizes"));
        }
        return source;
    case Compute::Move:
        if (const auto* pool = std::get_if<PoolGeometry>(&in.move))
            checkMaximum(in, *pool);
        if (const auto* shortcut = std::get_if<ShortcutGeometry>(&in.move))
            checkWindow(in, 1, 1, shortcut->stride, 0);
        return std::visit([&](const auto& move) { return move.outputShape(source); }, in.move);
    case Compute::Copy:
        return source;
    case Compute::Image:
        break;
    }
    throw Error(concat("[program] ", in.name, ": is no instruction"));
}

void checkProgram(const Program& program)
{
    Check(program).run();
}

} // namespace stair
