#include "core/train/constant_schedule.h"

#include "core/train/warmup.h"

namespace stair {

ScheduleInfo constantSchedule()
{
    return {.id = "constant",
            .title = "Constant",
            .help = "The same learning rate throughout.",
            .params = {warmupParam()},
            .factor = [](const ParamValues& values, std::int64_t step, std::int64_t, std::int64_t) {
                return warmupFactor(values, step);
            }};
}

} // namespace stair
