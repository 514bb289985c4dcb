#pragma once

#include "core/base/json.h"
#include "core/quant/gradient_quantizer.h"
#include "core/train/checkpoint.h"
#include "core/train/metrics.h"
#include "core/train/value_bins.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// A layer's integer weights in short: equal integers have equal hashes.
struct WeightHash
{
    std::string layer; // the name of its weights
    std::uint64_t hash = 0;

    bool operator==(const WeightHash&) const = default;
};

/// One training step. Steps count from 1 over the whole run.
struct StepReport
{
    std::int64_t step = 0;
    std::int64_t steps = 0; // in the whole run
    int epoch = 0; // from 1
    double loss = 0; // of this batch
    double accuracy = 0; // top-1 share of this batch, in training's own forward pass
    double learningRate = 0;
    double gradientNorm = 0;
    std::vector<WeightHash> weights{}; // that the step began with; where the spec asks for them
    // Wall clock: written under "t" alone.
    double elapsedSeconds = 0; // of training so far, pauses and evaluations left out
    double imagesPerSecond = 0; // recent
    double remainingSeconds = 0; // estimate, evaluations included
};

/// One evaluation. A quantized network is evaluated by its lowered program.
struct EvaluationReport
{
    std::int64_t step = 0;
    int epoch = 0;
    std::optional<Metrics> validation; // absent without a held-out split
    Metrics test;
    std::optional<double> testRunning; // top-1 with running batch-norm statistics (quantized runs)
    std::optional<double> blended{}; // top-1 with the soft values of training (soft estimators)
    bool best = false; // the best so far by validation (without one: the latest counts as best)
    bool proved = false; // every layer ran on integers
    double seconds = 0; // wall clock
};

/// State of one quantizer at a step: one row of layers.jsonl.
struct QuantizerReport
{
    std::string name; // "stage1.block0.conv1.weight", "stage1.block0.relu1"
    std::string kind; // "weight" or "activation"
    int bits = 0;
    double step = 0; // mean over channels where there are several
    std::optional<double> codeStep{}; // projected weights: what values are divided by (mean)
    double saturated = 0; // share of values that the grid's ends cut off (Quantizer::covered)
    double masked = 0; // share of values without gradient: beyond the mask or the activation's ends
    double zero = 0; // share of codes that are 0
    int levelsUsed = 0;
    std::vector<std::int64_t> levels; // count of each code, leastCode first
    double meanSquaredError = 0; // of step * code against the value
    double sqnr = 0; // dB: the values' energy over the error's
    double cosine = 0; // between the values and step * code
    std::optional<double> flips{}; // weights: share of codes that this step's update changed
    std::vector<std::int64_t> slopes{}; // |R'|, by twelfths from 0 to 3; the last bin has the rest
    int leastCode = 0; // qn
    int gridLevels = 0; // how many codes the grid has
    ValueBins values{}; // activations: the values over the code step, half a grid further each side
};

/// Gradient of one weight tensor in fixed signed log2 bins (core/train/histogram.h), and the weights
/// themselves before any transform.
struct GradientReport
{
    std::string name;
    double norm = 0;
    std::vector<std::int64_t> bins;
    ValueBins values{};
    std::optional<GradientClip> clip; // of the layer's output gradient, where it was clipped
};

struct LayersReport
{
    std::int64_t step = 0;
    std::vector<QuantizerReport> quantizers;
    std::vector<GradientReport> gradients;
};

// Reasons of pauses that somebody asked for.
inline constexpr const char* pausedByCommand = "paused by command";
inline constexpr const char* pausedAfterOneStep = "one step";

/// Whether nobody asked for a pause with this reason: a guard did.
inline bool isGuardsReason(const std::string& reason)
{
    return reason != pausedByCommand && reason != pausedAfterOneStep;
}

/// Receives what a training run has to say, in the training thread, in order. An implementation
/// must be quick; what it throws ends the run.
class TrainObserver
{
public:
    virtual ~TrainObserver() = default;
    virtual void onStep(const StepReport&) { }
    virtual void onEvaluation(const EvaluationReport&) { }
    virtual void onLayers(const LayersReport&) { }
    virtual void onNotice(std::int64_t /*step*/, const std::string& /*text*/) { }
    /// A `set` was applied when `step` steps were done.
    virtual void onCommand(std::int64_t /*step*/, const Json& /*command*/) { }
    virtual void onPaused(std::int64_t /*step*/, const std::string& /*reason*/) { }
    virtual void onResumed(std::int64_t /*step*/) { }

    /// Store it; `best` says that it is the best by validation so far.
    virtual void onCheckpoint(const Checkpoint&, bool /*best*/) { }
};

/// Where a run's commands come from. A command is {"command": "pause" | "resume" | "step" | "stop"
/// | "checkpoint"} or {"command": "set", "key": ..., "value": ...}.
class TrainControls
{
public:
    virtual ~TrainControls() = default;

    /// The commands to be applied before step `step`; called once a step, must not block.
    virtual std::vector<Json> poll(std::int64_t step) = 0;

    /// The same while paused: may wait up to a fifth of a second for one to come.
    virtual std::vector<Json> wait(std::int64_t step) = 0;
};

} // namespace stair
