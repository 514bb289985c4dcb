#include "core/lower/real_affine.h"

namespace stair {

namespace {

double stepOf(const Program& program, int id)
{
    const ProgramValue& value = program.values[std::size_t(id)];
    return value.isFloat ? 1 : double(value.step);
}

/// Real result per accumulator unit, by channel.
std::vector<double> sumSteps(const Program& program, const Instruction& in)
{
    std::vector<double> steps;
    if (in.compute == Compute::Concat) {
        for (const int id : in.sources)
            steps.insert(steps.end(), std::size_t(program.values[std::size_t(id)].shape.c),
                         stepOf(program, id));
        return steps;
    }
    const double step = stepOf(program, in.sources.front());
    for (int c = 0; c < in.computed.c; ++c) {
        double own = step;
        if (in.weightCodes)
            own *= double(in.weightSteps[in.weightSteps.size() > 1 ? std::size_t(c) : 0]);
        else if (in.compute == Compute::Conv)
            own = 1;
        else if (in.compute == Compute::SumPool)
            own /= in.sum.pixels();
        steps.push_back(own);
    }
    return steps;
}

} // namespace

RealAffine realAffine(const Program& program, const Instruction& in, std::size_t output)
{
    const bool joins = in.skip >= 0;
    const EpilogueOutput& o = in.epilogue.outputs[output];
    const double unit = joins ? 1 : stepOf(program, in.outputs[output]);
    const std::vector<float>& m = joins ? in.epilogue.m : o.m;
    const std::vector<float>& b = joins ? in.epilogue.b : o.b;
    const std::vector<double> steps = sumSteps(program, in);
    RealAffine result;
    for (std::size_t c = 0; c < m.size(); ++c) {
        result.m.push_back(double(m[c]) * unit / steps[c]);
        result.b.push_back(double(b[c]) * unit);
    }
    return result;
}

void setRealAffine(const Program& program, Instruction& in, const RealAffine& affine)
{
    const std::vector<double> steps = sumSteps(program, in);
    const auto set = [&](double unit, std::vector<float>& m, std::vector<float>& b) {
        m.clear();
        b.clear();
        for (std::size_t c = 0; c < affine.m.size(); ++c) {
            m.push_back(float(affine.m[c] * steps[c] / unit));
            b.push_back(float(affine.b[c] / unit));
        }
    };
    if (in.skip >= 0) {
        set(1, in.epilogue.m, in.epilogue.b);
        return;
    }
    for (std::size_t i = 0; i < in.outputs.size(); ++i)
        set(stepOf(program, in.outputs[i]), in.epilogue.outputs[i].m, in.epilogue.outputs[i].b);
}

} // namespace stair
