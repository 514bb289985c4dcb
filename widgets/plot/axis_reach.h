#pragma once

namespace stair {

/// The smallest of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten that is not below `value`: the upper ends an
/// axis may have, so that it grows in steps and not with every point. 1 when value is not positive.
double niceReach(double value);

/// How an axis follows growing data: never shrinks until reset.
class AxisReach
{
public:
    /// The end for data up to `greatest`; `limit` > 0 is an end that is never passed.
    double follow(double greatest, double limit = 0);
    void reset() { m_end = 0; }

private:
    double m_end = 0;
};

} // namespace stair
