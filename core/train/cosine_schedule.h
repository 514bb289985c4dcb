#pragma once

#include "core/train/schedules.h"

namespace stair {

/// Half a cosine from 1 down to `floor` over what follows the warm-up: Loshchilov and Hutter,
/// ICLR 2017, equation 5 without restarts; step k of n has floor + (1 - floor) * (1 + cos(pi k/n)) / 2.
ScheduleInfo cosineSchedule();

} // namespace stair
