#include "core/train/warmup.h"

#include <algorithm>

namespace stair {

ParamSpec warmupParam()
{
    ParamSpec spec
        = ParamSpec::integer("warmup", "Warm-up", 0, 0, 1000000,
                             "The rate rises linearly from near 0 over this many steps.");
    spec.unit = "steps";
    return spec;
}

double warmupFactor(const ParamValues& values, std::int64_t step)
{
    return std::min(1.0, double(step + 1) / std::max(1, values.integer("warmup")));
}

} // namespace stair
