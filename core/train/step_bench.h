#pragma once

#include "core/base/json.h"
#include "core/quant/quant_spec.h"

#include <string>

namespace stair {

/// Whole training steps (forward, loss, backward, SGD with momentum) on a synthetic batch that is
/// already in memory.
struct StepBench
{
    std::string network = "resnet20";
    QuantSpec quant;
    int batch = 128;
    int steps = 7; // counted; two more come first
    int threads = 0;
    int imageSize = 32;
};

/// {"network", "method", ..., "images_per_s" (median), "best_images_per_s", "peak_rss_mib",
/// "layers": [{"name", "forward_ms", "backward_ms"}]}: per step.
Json runStepBench(const StepBench& bench);

} // namespace stair
