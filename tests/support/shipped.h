#pragma once

#include "core/exchange/shipped_model.h"
#include "tests/support/lowered_models.h"

namespace stair {

/// What a model ships, with a proof over a few samples.
inline ShippedModel shipped(const Model& model, Runtime& runtime)
{
    ShippedModel shipped;
    shipped.program = lower(model);
    shipped.origin.spec = {{"seed", 7}, {"name", "grün"}};
    shipped.origin.step = trainedSteps;
    shipped.origin.classNames = {"cat", "dog"};
    shipped.proof = prove(shipped.program, runtime, EngineKernels::Fast, 2);
    return shipped;
}

/// The same of a row of addLoweredRows, trained briefly, with multipliers of either sign.
inline ShippedModel shippedRow(const QString& network, int tiny, int widths, Runtime& runtime)
{
    Model model = loweredModel(network, tiny, widths);
    trainBriefly(model, runtime, trainedSteps, trainedImages);
    turnNorms(model);
    return shipped(model, runtime);
}

} // namespace stair
