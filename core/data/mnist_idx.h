#pragma once

#include "core/data/datasets.h"

namespace stair {

/// Sets in the idx format of MNIST (LeCun et al., 1998) and those made after it: Fashion-MNIST,
/// KMNIST, EMNIST. Grey images of any size; `path` is a folder, an archive or one of the files.
DatasetInfo idxInfo();

} // namespace stair
