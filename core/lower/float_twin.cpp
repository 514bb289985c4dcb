#include "core/lower/float_twin.h"

#include <algorithm>
#include <utility>

namespace stair {

namespace {

/// Reals that the program's values and sums stand for.
class Twin
{
public:
    explicit Twin(const Program& program)
        : m_program(program)
        , m_valueOf(program.values.size(), -1)
    {
    }

    Program run()
    {
        m_twin.image = m_program.image;
        m_twin.imageValues = {merge(m_program.imageValues)};
        setImageTable();
        for (const Instruction& in : m_program.instructions)
            m_twin.instructions.push_back(convert(in));
        m_twin.logits = twinOf(m_program.logits);
        return std::move(m_twin);
    }

private:
    const ProgramValue& value(int id) const { return m_program.values[std::size_t(id)]; }
    int twinOf(int id) const { return m_valueOf[std::size_t(id)]; }
    double step(int id) const { return value(id).isFloat ? 1 : double(value(id).step); }

    /// One float value in the place of all forms of a result.
    int merge(const std::vector<int>& ids)
    {
        ProgramValue real = value(ids.front());
        real.isFloat = true;
        real.step = 1;
        m_twin.values.push_back(real);
        for (const int id : ids)
            m_valueOf[std::size_t(id)] = int(m_twin.values.size()) - 1;
        return int(m_twin.values.size()) - 1;
    }

    void setImageTable()
    {
        m_twin.imageTable = m_program.imageTable;
        if (!m_twin.imageTable.empty())
            return;
        const ProgramValue& image = value(m_program.imageValues.front());
        for (const std::uint8_t code : m_program.imageCodes)
            m_twin.imageTable.push_back(
                image.step * float(image.grid.isSigned ? int(std::int8_t(code)) : int(code)));
    }

    /// What one unit of a channel's sums stands for.
    std::vector<double> units(const Instruction& in) const
    {
        std::vector<double> units;
        if (in.compute != Compute::Concat)
            units.assign(std::size_t(in.computed.c), step(in.sources.front()));
        for (std::size_t i = 0; in.compute == Compute::Concat && i < in.sources.size(); ++i)
            units.insert(units.end(), std::size_t(value(in.sources[i]).shape.c),
                         step(in.sources[i]));
        if (in.compute == Compute::Conv && in.realWeight)
            std::ranges::fill(units, 1.0); // their sums are real already
        for (std::size_t c = 0; in.weightCodes && c < units.size(); ++c)
            units[c] *= weightStep(in, c);
        return units;
    }

    static double weightStep(const Instruction& in, std::size_t channel)
    {
        return double(in.weightSteps[in.weightSteps.size() == 1 ? 0 : channel]);
    }

    static Tensor realWeights(const Instruction& in)
    {
        if (in.realWeight)
            return in.realWeight.clone();
        Tensor real(in.weightCodes.shape());
        const std::int64_t each = real.size() / real.shape().n;
        for (std::int64_t i = 0; i < real.size(); ++i)
            real.data()[i] = float(in.weightCodes.at(i) * weightStep(in, std::size_t(i / each)));
        return real;
    }

    static std::vector<float> scaled(const std::vector<float>& values, double factor,
                                     const std::vector<double>* units)
    {
        std::vector<float> result;
        for (std::size_t c = 0; c < values.size(); ++c)
            result.push_back(float(double(values[c]) * factor / (units ? (*units)[c] : 1)));
        return result;
    }

    Instruction convert(const Instruction& in)
    {
        Instruction twin;
        twin.name = in.name;
        twin.compute = in.compute;
        twin.conv = in.conv;
        twin.sum = in.sum;
        twin.move = in.move;
        twin.poolBefore = in.poolBefore;
        twin.computed = in.computed;
        for (const int source : in.sources)
            twin.sources.push_back(twinOf(source));
        twin.outputs = {merge(in.outputs)};
        if (in.compute == Compute::Move) {
            twin.sources.resize(1);
            return twin;
        }
        if (in.compute == Compute::Conv)
            twin.realWeight = realWeights(in);
        twin.skip = in.skip < 0 ? -1 : twinOf(in.skip);
        const std::vector<double> unit = units(in);
        twin.epilogue.activation = in.epilogue.activation;
        twin.epilogue.m = scaled(in.epilogue.m, 1, &unit);
        twin.epilogue.b = in.epilogue.b;
        const EpilogueOutput& output = in.epilogue.outputs.front();
        EpilogueOutput real;
        real.m = scaled(output.m, step(in.outputs.front()), &unit);
        real.b = scaled(output.b, step(in.outputs.front()), nullptr);
        twin.epilogue.outputs.push_back(std::move(real));
        return twin;
    }

    const Program& m_program;
    std::vector<int> m_valueOf;
    Program m_twin;
};

} // namespace

Program floatTwin(const Program& program)
{
    return Twin(program).run();
}

} // namespace stair
