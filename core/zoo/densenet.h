#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// DenseNet-BC of 100 layers: every layer of a block sees all maps before it.
NetworkInfo denseNet100Info();

} // namespace stair
