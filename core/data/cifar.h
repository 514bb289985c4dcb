#pragma once

#include "core/data/datasets.h"

namespace stair {

// CIFAR-10 and CIFAR-100 in the binary version (A. Krizhevsky, Learning Multiple Layers of Features
// from Tiny Images, 2009): records of one label byte (CIFAR-100: coarse, then fine) and 3072 pixel
// bytes, as red, green and blue planes of 32 x 32.

DatasetInfo cifar10Info();

/// Its parameter `labels` chooses the 100 fine or the 20 coarse classes.
DatasetInfo cifar100Info();

} // namespace stair
