#include "core/nn/init.h"

#include <cmath>

namespace stair {

void heInitialise(Tensor& weight, Random& random)
{
    const Shape& s = weight.shape();
    const double fanIn = double(s.h) * s.w * s.c;
    const float deviation = float(std::sqrt(2 / fanIn));
    for (float& value : weight.values())
        value = deviation * random.normal();
}

} // namespace stair
