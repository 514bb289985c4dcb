#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// The residual networks of He et al. for large images: `depth` is 18, 34 or 50.
NetworkInfo resnetImageNetInfo(int depth);

} // namespace stair
