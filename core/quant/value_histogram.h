#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace stair {

/// ceil(percent / 100 * count): how many of the smallest magnitudes stay unclipped (nearest rank).
std::int64_t percentileRank(double percent, std::int64_t count);

/// Distribution of a tensor over many batches, in fixed memory (256 KiB): `bins` equal bins for each
/// sign from 0 to the largest magnitude, which is kept exactly, as is the number of zeros. A value
/// stands at its bin's centre, so it is known to half a bin: peak / 32,768. Not thread-safe.
class ValueHistogram
{
public:
    static constexpr int bins = 16384; // of each sign

    /// peak: the largest magnitude to come, above 0 unless all values are 0.
    explicit ValueHistogram(float peak);

    /// Adds values of magnitude up to the peak (greater ones count as the peak).
    void add(std::span<const float> x);

    float peak() const { return m_peak; }
    std::int64_t count() const { return m_count; }
    std::int64_t zeros() const { return m_zeros; }

    /// Upper edge of the bin in which the magnitude of percentileRank() lies; 0 when
    /// it is a zero. Exact at 100, else too large by one bin at most.
    float percentile(double percent) const;

    /// The magnitudes in `coarse` equal bins, which divides `bins`; zeros are left out.
    std::vector<double> magnitudes(int coarse) const;

    /// The centres of the bins that hold something, and how many values each holds,
    /// ascending; zeros are left out.
    struct Points
    {
        std::vector<float> values;
        std::vector<float> weights;
    };
    Points points() const;

private:
    float m_peak;
    double m_width;
    std::int64_t m_count = 0;
    std::int64_t m_zeros = 0;
    std::vector<std::int64_t> m_positive, m_negative;
};

} // namespace stair
