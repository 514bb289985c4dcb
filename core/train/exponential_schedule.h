#pragma once

#include "core/train/schedules.h"

namespace stair {

/// gamma^epoch, epochs counted from 0, as PyTorch's ExponentialLR.
ScheduleInfo exponentialSchedule();

} // namespace stair
