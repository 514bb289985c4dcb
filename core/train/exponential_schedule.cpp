#include "core/train/exponential_schedule.h"

#include "core/train/warmup.h"

#include <cmath>

namespace stair {

ScheduleInfo exponentialSchedule()
{
    return {.id = "exponential",
            .title = "Exponential",
            .help = "The learning rate is multiplied by gamma after each epoch.",
            .params = {warmupParam(),
                       ParamSpec::real("gamma", "Factor per epoch", 0.95, 0, 1,
                                       "The rate in epoch e, from 0, is gamma^e.")},
            .factor = [](const ParamValues& values, std::int64_t step, std::int64_t,
                         std::int64_t stepsPerEpoch) {
                return warmupFactor(values, step)
                    * std::pow(values.real("gamma"), double(step / stepsPerEpoch));
            }};
}

} // namespace stair
