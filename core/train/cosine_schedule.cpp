#include "core/train/cosine_schedule.h"

#include "core/train/warmup.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace stair {

namespace {

double cosineFactor(const ParamValues& values, std::int64_t step, std::int64_t steps, std::int64_t)
{
    const std::int64_t warmup = values.integer("warmup");
    const double floor = values.real("floor");
    const auto left = double(std::max<std::int64_t>(1, steps - warmup));
    const double progress = std::clamp(double(step - warmup) / left, 0.0, 1.0);
    return warmupFactor(values, step)
        * (floor + (1 - floor) * (1 + std::cos(std::numbers::pi * progress)) / 2);
}

} // namespace

ScheduleInfo cosineSchedule()
{
    return {.id = "cosine",
            .title = "Cosine",
            .help = "Half a cosine from the learning rate down to floor times it.",
            .params = {warmupParam(),
                       ParamSpec::real("floor", "Floor", 0, 0, 1,
                                       "The share of the learning rate that is left at the end.")},
            .factor = cosineFactor};
}

} // namespace stair
