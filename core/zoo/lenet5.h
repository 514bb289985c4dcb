#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// LeNet-5 with ReLU and max pooling.
NetworkInfo lenet5Info();

} // namespace stair
