#include "core/analysis/seed_statistics.h"

#include "core/base/assert.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace stair {

namespace {

// P(|T| <= sqrt(freedom) * tan(angle)), Abramowitz and Stegun, 26.7.3 and 26.7.4: a finite sum,
// since the degrees of freedom are whole.
double probabilityWithin(int freedom, double angle)
{
    const double sine = std::sin(angle), cosine = std::cos(angle), square = cosine * cosine;
    const bool odd = freedom % 2 == 1;
    double term = odd ? cosine : 1, sum = 0;
    for (int power = odd ? 1 : 0; power <= freedom - 2; power += 2) {
        sum += term;
        term *= square * (power + 1) / (power + 2);
    }
    return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

/// That of 95 %, computed once for as many seeds as anybody has: curves ask at every step.
double quantile95(int freedom)
{
    static const std::vector<double> known = [] {
        std::vector<double> quantiles;
        for (int of = 1; of <= 64; ++of)
            quantiles.push_back(studentQuantile(of, 0.95));
        return quantiles;
    }();
    const auto place = std::size_t(freedom - 1);
    return place < known.size() ? known[place] : studentQuantile(freedom, 0.95);
}

} // namespace

double studentQuantile(int freedom, double probability)
{
    require(freedom >= 1 && probability >= 0 && probability < 1,
            "Student's t needs a degree of freedom and a probability below 1");
    double low = 0, high = std::numbers::pi / 2;
    for (int i = 0; i < 60; ++i) { // an angle to the last bit
        const double middle = (low + high) / 2;
        (probabilityWithin(freedom, middle) < probability ? low : high) = middle;
    }
    return std::sqrt(double(freedom)) * std::tan((low + high) / 2);
}

SeedStatistics seedStatistics(std::span<const double> values)
{
    const double none = std::numeric_limits<double>::quiet_NaN();
    SeedStatistics result{int(values.size()), none, none, none};
    if (values.empty())
        return result;
    double sum = 0, squares = 0;
    for (const double value : values)
        sum += value;
    result.mean = sum / result.count;
    if (result.count < 2)
        return result;
    for (const double value : values)
        squares += (value - result.mean) * (value - result.mean);
    result.deviation = std::sqrt(squares / (result.count - 1));
    result.interval95 = quantile95(result.count - 1) * result.deviation / std::sqrt(result.count);
    return result;
}

} // namespace stair
