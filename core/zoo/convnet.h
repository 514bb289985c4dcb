#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// The ConvNet models A to D of Chen et al. (AQE and MINW-Net), after the CIFAR network of
/// Courbariaux et al. (BNN): 2 x C1 - pool - 2 x C2 - pool - 2 x C3 - pool - FC - FC - classes.
/// `model` is 'a', 'b', 'c' or 'd'. The paper's sizes hold for 28x28 crops.
NetworkInfo convNetInfo(char model);

} // namespace stair
