#pragma once

#include "core/base/json.h"
#include "core/quant/quant_spec.h"

#include <string>

namespace stair {

/// Whole training steps (forward, loss, backward, SGD with momentum) on synthetic images: one batch
/// that is already in memory, or batches from the loader with padding, crop and flip.
struct StepBench
{
    std::string network = "resnet20";
    QuantSpec quant;
    int batch = 128;
    int steps = 7; // counted; two more come first
    int threads = 0;
    int imageSize = 32;
    bool loader = false;
};

/// {"network", "method", ..., "images_per_s" (median), "best_images_per_s", "peak_rss_mib",
/// "layers": [{"name", "forward_ms", "backward_ms"}]}: per step. With the loader also "loader":
/// {"wait_ms", "work_ms", "share"}: what a step waits for its batch, what the loader's thread works
/// on one, and the two over the step's time, the most that the loader can cost.
Json runStepBench(const StepBench& bench);

} // namespace stair
