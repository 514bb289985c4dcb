#pragma once

#include "core/train/recipe_fit.h"

namespace stair {

/// What a few real steps of a spec took on this machine, and what follows from it.
struct TimeTrial
{
    double stepSeconds = 0; // median
    std::int64_t stepsPerEpoch = 0;
    double evaluationSeconds = 0; // estimated from the steps

    TrainingCost cost() const { return {stepSeconds * double(stepsPerEpoch), evaluationSeconds}; }
};

/// Trains in memory for about `seconds`, two steps at least, with the spec's data, network, method
/// and batch, quantized from the first step on; writes nothing. Throws Error for what the spec asks
/// and cannot be had.
TimeTrial timeSpec(const ExperimentSpec& spec, double seconds);

} // namespace stair
