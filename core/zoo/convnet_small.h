#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// The default experiment's network: 4.8 million multiply-accumulates at 32x32 RGB.
NetworkInfo convNetSmallInfo();

} // namespace stair
