#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// Hidden linear layers of one width; works on images of any size.
NetworkInfo mlpInfo();

} // namespace stair
