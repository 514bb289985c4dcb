#pragma once

#include "core/train/schedules.h"

namespace stair {

/// The same rate throughout.
ScheduleInfo constantSchedule();

} // namespace stair
