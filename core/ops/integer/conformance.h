#pragma once

#include "core/base/random.h"
#include "core/ops/integer/kernels.h"

namespace stair {

struct GridPair
{
    const char* name;
    Grid src;
    Grid weight;
};

/// The pairs of at most 4 planes a side that methods make, and others that counting is tried with.
std::span<const GridPair> pairsOfFewBits();

/// What a kernel is tried with.
enum class TrialCodes
{
    Mixed, // any level, both ends often
    Longest, // the largest magnitudes alone, all products of a channel of one sign
    Alternating, // the ends in turn in x and y, where differences of neighbours are largest
};

/// The output channels that a trial looks at: the last 16, which cover the rest of a vector and every
/// kind of epilogue, and others drawn at random.
std::vector<int> trialChannels(int channels);

/// A channel's m in a trial of an epilogue: +-0.5, 0, or about `reach`, which brings sums to the grid,
/// of either sign; and whether its first pixel lands on a tie. Every pair comes within 12 channels.
float trialMultiplier(int channel, float reach);
bool isTrialTie(int channel);

/// Codes of a convolution's full shape, and its sums, taken one product at a time, at sampled
/// outputs: corners, borders, first and last image, last channels, random places. Each call runs a
/// kernel on them and returns the number of wrong outputs.
class KernelTrial
{
public:
    KernelTrial(Runtime& runtime, const IntegerConvKey& key, TrialCodes codes = TrialCodes::Mixed);

    int wrongSums(const IntegerConvKernel& kernel) const;

    /// With the fused epilogue, at the multipliers and offsets where it is hardest: ties, saturation
    /// on both sides, m of either sign and 0.
    int wrongFused(const FusedGrid& grid) const;

    /// The same of a kernel that counts, whose thresholds write planes of `dst`, a grid of at most
    /// 4 bits.
    int wrongPacked(const IntegerConvKernel& kernel, const Grid& dst) const;

private:
    struct Sample
    {
        std::int64_t index; // of the output
        int channel;
        std::int64_t sum;
    };

    void fillExtreme(Codes& codes);
    void takeSamples();

    Runtime& m_runtime;
    IntegerConvKey m_key;
    Random m_random;
    Codes m_src;
    Codes m_weight;
    Shape m_out;
    std::vector<Sample> m_samples;
};

/// Wrong outputs of one trial with mixed codes.
int countWrongSums(Runtime& runtime, const IntegerConvKey& key, const IntegerConvKernel& kernel);
int countWrongFused(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid);

/// Wrong codes of maxima of packed random codes, some channels taking the least one instead, at
/// corners and random places.
int countWrongMaxima(Runtime& runtime, const BitMaximumKey& key);

/// One output's sum, product by product. The definition that every kernel must meet.
std::int64_t sumOfProducts(const ConvGeometry& g, const Codes& src, const Codes& weight, int image,
                           int y, int x, int channel);

} // namespace stair
