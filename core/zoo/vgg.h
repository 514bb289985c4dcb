#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// The VGG networks with batch norm: `depth` is 11 or 16.
NetworkInfo vggInfo(int depth);

} // namespace stair
