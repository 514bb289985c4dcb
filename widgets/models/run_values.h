#pragma once

#include "core/base/json.h"
#include "core/quant/quant_spec.h"

#include <QString>

#include <cstdint>
#include <optional>
#include <string>

namespace stair {

/// What a run is doing, as far as its folder tells.
enum class RunState
{
    Starting, // its worker has been started and has not reported yet
    Running,
    Paused,
    Stopped, // by the user, with a checkpoint
    Finished,
    Failed,
    Interrupted, // it said that it runs, and no worker is there
    Unreadable, // no usable spec.json
};

struct StepPoint
{
    double step = 0;
    double loss = 0;
    double accuracy = 0; // share of the batch
    double elapsed = 0; // seconds of training
    double learningRate = 0;
    double gradientNorm = 0;
};

struct EvaluationPoint
{
    double step = 0;
    int epoch = 0;
    double loss = 0; // on the test images
    double test = 0; // top-1 share
    std::int64_t testImages = 0;
    std::optional<double> validation;
    std::optional<double> validationLoss;
    std::optional<double> blended; // with the soft values of training
    std::optional<double> running; // with running batch-norm statistics
    double elapsed = 0; // seconds of training before it
    bool best = false;
    bool proved = false; // every layer ran on integers
};

/// What is fixed about a run, from its spec.json.
struct RunIdentity
{
    QString name;
    std::string method = "float";
    int weightBits = 32;
    int activationBits = 32;
    std::string network;
    std::string data;
    int epochs = 0;
    std::uint64_t seed = 0;
    int threads = 0; // 0: all of the machine
    int validation = 0; // images held out of the training set
    Json task; // of the spec's data and network: accuracies of other tasks do not compare
    std::optional<Grid> weights; // the integers of its weights; none where they are float
    bool hasWeightHashes = false; // each step records them
    QString error; // why spec.json cannot be used

    bool isFloat() const { return method == "float"; }
};

/// Where a run stands: the latest of what it reported.
struct RunProgress
{
    double step = 0;
    double steps = 0; // 0: not known yet
    int epoch = 0;
    double loss = 0;
    double accuracy = 0;
    double learningRate = 0;
    double gradientNorm = 0;
    double imagesPerSecond = 0;
    double elapsed = 0; // seconds of training
    double remaining = -1; // seconds; negative: not known
    QString reason; // why it paused, or failed
    QString notice; // the last one
    std::optional<EvaluationPoint> best; // by validation where there is one
    std::optional<EvaluationPoint> last;
};

} // namespace stair
