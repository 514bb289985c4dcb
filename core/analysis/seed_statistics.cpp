#include "core/analysis/seed_statistics.h"

#include "core/base/assert.h"

#include <cmath>
#include <limits>
#include <numbers>

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
    result.interval95
        = studentQuantile(result.count - 1, 0.95) * result.deviation / std::sqrt(result.count);
    return result;
}

} // namespace stair
