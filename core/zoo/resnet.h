#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// The residual networks of He et al. for small images: three stages of (depth - 2) / 6 blocks.
/// `depth` is 6 n + 2.
NetworkInfo resnetInfo(int depth);

} // namespace stair
