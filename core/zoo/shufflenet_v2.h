#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// ShuffleNetV2: half the channels pass each unit untouched, then all are shuffled.
NetworkInfo shuffleNetV2Info();

} // namespace stair
