#include "core/lower/fixed_point.h"

#include "core/base/concat.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace stair {

namespace {

constexpr int mostShift = 60;
constexpr double multiplierEnd = 2147483648.0; // 2^31
const double termEnd = std::ldexp(1.0, 61); // of each of the three terms

/// The real numbers behind one channel of an output.
struct Channel
{
    double m = 0;
    double skipM = 0;
    double b = 0;
};

/// The largest shift at which every term fits.
int shiftOf(const Channel& c, double accBound, double skipBound)
{
    const auto fits = [&](int shift) {
        const double scale = std::ldexp(1.0, shift);
        const double m = std::abs(c.m) * scale + 1, skipM = std::abs(c.skipM) * scale + 1;
        return m < multiplierEnd && skipM < multiplierEnd && m * accBound < termEnd
            && skipM * skipBound < termEnd && std::abs(c.b) * scale + 1 < termEnd;
    };
    int shift = mostShift;
    while (shift > 0 && !fits(shift))
        --shift;
    return shift;
}

/// floor(v / 2^shift), without shifting a negative number.
std::int64_t floorShift(std::int64_t v, int shift)
{
    return v >= 0 ? std::int64_t(std::uint64_t(v) >> shift)
                  : -1 - std::int64_t(std::uint64_t(-1 - v) >> shift);
}

std::int64_t nearestEvenShift(std::int64_t v, int shift)
{
    if (shift == 0)
        return v;
    const std::int64_t whole = floorShift(v, shift);
    const std::int64_t rest = v - whole * (std::int64_t(1) << shift);
    const std::int64_t half = std::int64_t(1) << (shift - 1);
    return whole + (rest > half || (rest == half && whole % 2 != 0) ? 1 : 0);
}

} // namespace

std::int64_t accumulatorBound(const Program& program, const Instruction& in)
{
    std::int64_t largest = 0;
    for (const int id : in.sources)
        largest
            = std::max<std::int64_t>(largest, program.values[std::size_t(id)].grid.maxMagnitude());
    if (in.compute == Compute::Conv)
        return in.conv.terms() * largest * in.weightCodes.grid().maxMagnitude();
    if (in.compute == Compute::Add)
        return std::int64_t(in.sources.size()) * largest;
    return in.compute == Compute::SumPool ? in.sum.pixels() * largest : largest;
}

std::string fixedPointRefusal(const Program& program)
{
    const std::vector<std::string> floats = program.floatLayers();
    if (!floats.empty())
        return concat("layer ", floats.front(),
                      " computes in float; a program in integers alone "
                      "needs codes everywhere (quant.first, quant.last and quant.residual)");
    for (const Instruction& in : program.instructions) {
        for (const int id : in.outputs) {
            if (program.values[std::size_t(id)].isFloat && id != program.logits)
                return concat("layer ", in.name,
                              " hands on floats; a program in integers alone "
                              "needs codes everywhere");
        }
        if (in.compute != Compute::Move && in.skip >= 0
            && std::ranges::find(in.outputs, program.logits) != in.outputs.end())
            return concat("layer ", in.name, " joins floats to logits");
    }
    return {};
}

FixedOutput fixedOutput(const Program& program, const Instruction& in, std::size_t index)
{
    const EpilogueOutput& output = in.epilogue.outputs[index];
    const bool joins = in.skip >= 0;
    const std::vector<float>& m = joins ? in.epilogue.m : output.m;
    const std::vector<float>& b = joins ? in.epilogue.b : output.b;
    const double unit = joins ? double(output.inverseStep) : 1;
    const double accBound = double(accumulatorBound(program, in));
    const double skipBound = joins ? program.values[std::size_t(in.skip)].grid.maxMagnitude() : 0;

    std::vector<Channel> channels;
    FixedOutput fixed;
    for (std::size_t c = 0; c < m.size(); ++c) {
        channels.push_back({double(m[c]) * unit, joins ? double(in.epilogue.skipStep) * unit : 0,
                            double(b[c]) * unit});
        fixed.shift.push_back(shiftOf(channels.back(), accBound, skipBound));
    }
    if (in.outputs[index] == program.logits)
        std::ranges::fill(fixed.shift, *std::ranges::min_element(fixed.shift));
    for (std::size_t c = 0; c < channels.size(); ++c) {
        // Under the default rounding mode nearbyint goes to the nearest, ties to even.
        const double scale = std::ldexp(1.0, fixed.shift[c]);
        fixed.m.push_back(std::int32_t(std::nearbyint(channels[c].m * scale)));
        fixed.b.push_back(std::int64_t(std::nearbyint(channels[c].b * scale)));
        if (joins)
            fixed.skipM.push_back(std::int32_t(std::nearbyint(channels[c].skipM * scale)));
        if (output.rule.kind == HardRule::Kind::Thresholds) {
            fixed.thresholds.emplace_back();
            for (const float threshold : output.rule.thresholds)
                fixed.thresholds.back().push_back(
                    std::int64_t(std::floor(double(threshold) * scale)));
        }
    }
    return fixed;
}

int fixedCode(const FixedOutput& fixed, const EpilogueOutput& output, int channel,
              std::int64_t value)
{
    const int shift = fixed.shift[std::size_t(channel)];
    std::int64_t code = 0;
    switch (output.rule.kind) {
    case HardRule::Kind::NearestEven:
        code = nearestEvenShift(value, shift);
        break;
    case HardRule::Kind::Ceil:
        code = -floorShift(-value, shift);
        break;
    case HardRule::Kind::Sign:
        code = value < 0 ? -1 : 1;
        break;
    case HardRule::Kind::NearestOdd:
        code = 2 * floorShift(value, shift + 1) + 1; // floor(floor(u) / 2) = floor(u / 2)
        break;
    case HardRule::Kind::Thresholds: {
        const auto& thresholds = fixed.thresholds[std::size_t(channel)];
        const auto passed
            = std::ranges::count_if(thresholds, [value](std::int64_t t) { return t < value; });
        code = std::int64_t(output.rule.codes[std::size_t(passed)]);
        break;
    }
    }
    return int(std::clamp<std::int64_t>(code, output.low, output.high));
}

} // namespace stair
