#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// InceptionV3: towers side by side, with kernels of 1x7 and 7x1.
NetworkInfo inceptionV3Info();

} // namespace stair
