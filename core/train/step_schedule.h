#pragma once

#include "core/train/schedules.h"

namespace stair {

/// Multiplies the rate by gamma at each milestone.
ScheduleInfo stepSchedule();

} // namespace stair
