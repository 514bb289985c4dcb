#pragma once

#include "core/zoo/networks.h"

namespace stair {

/// AlexNet as Krizhevsky's "one weird trick" has it: one column, without response normalisation.
NetworkInfo alexNetInfo();

} // namespace stair
