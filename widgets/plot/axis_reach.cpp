#include "widgets/plot/axis_reach.h"

#include <algorithm>
#include <cmath>

namespace stair {

double niceReach(double value)
{
    if (!(value > 0) || !std::isfinite(value))
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double factor : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0}) {
        if (factor * power >= value)
            return factor * power;
    }
    return 10 * power;
}

double AxisReach::follow(double greatest, double limit)
{
    double end = niceReach(greatest);
    if (limit > 0)
        end = std::min(end, limit);
    m_end = std::max(m_end, end);
    return m_end;
}

} // namespace stair
