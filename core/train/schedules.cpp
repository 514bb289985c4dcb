#include "core/train/schedules.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/train/constant_schedule.h"
#include "core/train/cosine_schedule.h"
#include "core/train/exponential_schedule.h"
#include "core/train/step_schedule.h"

namespace stair {

// To add a schedule: include its header above, add its line here, list its files in CMake.
const std::vector<ScheduleInfo>& schedules()
{
    static const std::vector<ScheduleInfo> table = {
        constantSchedule(),
        stepSchedule(),
        cosineSchedule(),
        exponentialSchedule(),
    };
    return table;
}

const ScheduleInfo& schedule(const std::string& id)
{
    std::vector<std::string> known;
    for (const ScheduleInfo& info : schedules()) {
        if (info.id == id)
            return info;
        known.push_back(info.id);
    }
    throw Error(unknownName("schedule", id, known));
}

} // namespace stair
