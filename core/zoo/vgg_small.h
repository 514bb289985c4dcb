#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// VGG-small: six 3x3 convolutions and one linear layer.
NetworkInfo vggSmallInfo();

} // namespace stair
