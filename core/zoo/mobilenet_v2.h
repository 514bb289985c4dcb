#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// MobileNetV2: inverted residuals with linear bottlenecks.
NetworkInfo mobileNetV2Info();

} // namespace stair
