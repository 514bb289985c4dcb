#pragma once

#include <cmath>

namespace stair {

/// Exponential moving average over steps, free of the bias towards zero at the start:
/// m = b m + (1 - b) y, shown as m / (1 - b^n), with b = exp(-1 / steps).
class Smoother
{
public:
    /// `steps` is how far back it remembers; 0 passes the values through.
    explicit Smoother(double steps = 0)
        : m_keep(steps > 0 ? std::exp(-1 / steps) : 0)
    {
    }

    double add(double y)
    {
        if (!std::isfinite(y))
            return y;
        m_mean = m_keep * m_mean + (1 - m_keep) * y;
        m_weight = m_keep * m_weight + (1 - m_keep);
        return m_mean / m_weight;
    }

private:
    double m_keep;
    double m_mean = 0;
    double m_weight = 0;
};

} // namespace stair
