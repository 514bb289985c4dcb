#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace stair {

/// Counts of values in fixed bins, the same in every run, so that two moments or two runs can be
/// laid over each other. Per sign one bin for each power of two, [2^e, 2^(e+1)) in magnitude, e from
/// -30 to 10; a bin for exact zero (both signs of zero) between them. Smaller magnitudes count in
/// the innermost bin of their sign, greater ones and infinities in the outermost.
class Histogram
{
public:
    static constexpr int leastExponent = -30;
    static constexpr int mostExponent = 10;
    static constexpr int binsPerSign = mostExponent - leastExponent + 1;
    static constexpr int zeroBin = binsPerSign;
    static constexpr int bins = 2 * binsPerSign + 1; // most negative first

    void add(std::span<const float> values);

    /// `bins` counts; their sum is the number of values that are numbers.
    const std::vector<std::int64_t>& counts() const { return m_counts; }

    /// How many values were not a number; they are in no bin.
    std::int64_t notANumber() const { return m_notANumber; }

    /// The bin of a number; -1 for not-a-number.
    static int binOf(float value);

    /// The end of a bin that is nearer to zero, with its sign: -2^e, 0, or 2^e.
    static double innerEdge(int bin);

private:
    std::vector<std::int64_t> m_counts = std::vector<std::int64_t>(bins);
    std::int64_t m_notANumber = 0;
};

} // namespace stair
