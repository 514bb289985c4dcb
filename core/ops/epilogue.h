#pragma once

#include "core/ops/activation.h"
#include "core/ops/hard_rule.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <functional>
#include <span>
#include <vector>

namespace stair {

/// What a layer does between its accumulators and its readers (NUMERICS 3), in training, evaluation
/// and inference alike. Without a join, each output computes
///     t = acc * m[c] + b[c]    (in its own grid's units; in real units for a float output)
///     code = clamp(R(t), low, high)
/// With a join, main = acc * m[c] + b[c] and r = act(main + skip) are real, and each output
/// computes code = clamp(R(r * inverseStep), low, high).
struct EpilogueOutput
{
    std::vector<float> m; // per channel; empty with a join
    std::vector<float> b;
    float inverseStep = 1; // with a join
    HardRule rule;
    int low = 0; // the grid's range, cut by the activation
    int high = 0;
    Codes* codes = nullptr; // where the codes go ...
    Tensor* floats = nullptr; // ... or, for a float reader, the real values
    bool isHalf = false; // these rounded to IEEE halves

    /// What training puts in the place of a float output's values (soft estimators): a run of them,
    /// changed in place, from element `first` on. Called from several threads. May be null.
    std::function<void(std::span<float> run, std::int64_t first)> soften;
};

struct Epilogue
{
    Activation activation;
    std::vector<EpilogueOutput> outputs;

    // The join; absent when both skips are null.
    const Codes* skipCodes = nullptr;
    float skipStep = 1;
    const Tensor* skipFloats = nullptr;
    std::vector<float> m; // of main, in real units
    std::vector<float> b;

    bool hasJoin() const { return skipCodes || skipFloats; }
};

/// All outputs in one pass over the accumulators.
void runEpilogue(const Tensor& acc, const Epilogue& epilogue);

/// The same one element at a time: the oracle.
void refRunEpilogue(const Tensor& acc, const Epilogue& epilogue);

} // namespace stair
