#include "core/ops/reference/ref_half.h"

#include <algorithm>

namespace stair {

float refRoundToHalf(float x)
{
    return float(_Float16(std::clamp(x, -65504.0f, 65504.0f)));
}

} // namespace stair
