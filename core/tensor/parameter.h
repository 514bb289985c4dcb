#pragma once

#include "core/tensor/tensor.h"

#include <string>

namespace stair {

/// A trained tensor: weights, batch-norm scale and shift, quantizer steps.
struct Parameter
{
    std::string name; // "stage1.block0.conv1.weight": unique, saved in checkpoints
    Tensor value;
    Tensor gradient; // same shape; written whole by each backward pass
    bool decays = true; // weight decay applies
    double rateFactor = 1; // times the learning rate
    bool isScale = false; // a positive scale: Adam moves it by shares of itself
    double least = -1e30; // the optimizer keeps values within [least, most] (steps stay positive)
    double most = 1e30;
    bool isFrozen = false; // the optimizer leaves it alone
};

} // namespace stair
