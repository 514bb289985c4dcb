#pragma once

#include <span>
#include <vector>

namespace stair {

/// Per output channel, real value = acc * m + b, in double (NUMERICS 3). Rounded to f32 once, where
/// it is used.
struct Affine
{
    std::vector<double> m;
    std::vector<double> b;

    std::vector<float> floatM(double divisor) const { return rounded(m, divisor); }
    std::vector<float> floatB(double divisor) const { return rounded(b, divisor); }

private:
    static std::vector<float> rounded(const std::vector<double>& values, double divisor)
    {
        std::vector<float> result;
        result.reserve(values.size());
        for (const double v : values)
            result.push_back(float(v / divisor));
        return result;
    }
};

/// Statistics of one batch norm in real units, from a batch, running, or re-estimated.
struct NormStatistics
{
    std::vector<double> mean;
    std::vector<double> variance; // biased where it normalises a batch

    bool operator==(const NormStatistics&) const = default;
};

inline constexpr double normEpsilon = 1e-5;

/// Batch norm over acc * accScale + bias folded into one multiply and add. `bias` may be empty; the
/// statistics include it.
Affine foldNorm(std::span<const double> accScale, std::span<const float> bias,
                std::span<const float> scale, std::span<const float> shift,
                const NormStatistics& statistics);

/// A layer without batch norm; `bias` may be empty.
Affine foldBias(std::span<const double> accScale, std::span<const float> bias);

} // namespace stair
