#pragma once

#include "core/lower/program.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stair {

/// An epilogue's output in integers, for machines without a float unit (NUMERICS 4):
///     v = acc * m[c] + skip * skipM[c] + b[c]      code = clamp(R(v / 2^shift[c]), low, high)
/// Never more than one code from the float epilogue. Of the logits v itself is the result; their
/// shift is the same in all channels.
struct FixedOutput
{
    std::vector<std::int32_t> m;
    std::vector<std::int32_t> skipM; // empty without a join
    std::vector<std::int64_t> b;
    std::vector<int> shift; // 0 to 60

    /// v that a rule of thresholds must pass: floor(threshold * 2^shift), per channel.
    std::vector<std::vector<std::int64_t>> thresholds;

    /// |v| stays below 2^63 for every accumulator that the layer can have.
    std::int64_t value(int channel, std::int64_t acc, int skip) const
    {
        const std::size_t c = std::size_t(channel);
        return acc * m[c] + (skipM.empty() ? 0 : std::int64_t(skip) * skipM[c]) + b[c];
    }
};

/// Why the program cannot run in integers alone, naming the layer; empty when it can.
std::string fixedPointRefusal(const Program& program);

/// Output number `output` of an instruction that is no Move, of a program that is not refused.
FixedOutput fixedOutput(const Program& program, const Instruction& in, std::size_t output);

/// clamp(R(v / 2^shift), low, high)
int fixedCode(const FixedOutput& fixed, const EpilogueOutput& output, int channel,
              std::int64_t value);

/// No sum of the instruction's layer can be larger.
std::int64_t accumulatorBound(const Program& program, const Instruction& in);

} // namespace stair
