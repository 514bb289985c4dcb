#pragma once

#include "core/base/json.h"
#include "core/base/params.h"
#include "core/data/augmentation.h"
#include "core/quant/quant_spec.h"

#include <filesystem>
#include <string>

namespace stair {

struct DataSpec
{
    std::string id = "procedural";
    std::string path; // as written: see resolveDataPath
    ParamValues params; // of the data set
    int batch = 128;
    int validation = 0; // training images held out; "best" is chosen on them
    Augmentation augment;
};

struct NetworkSpec
{
    std::string id = "resnet20";
    ParamValues params;
};

struct GuardSpec
{
    // Looked at every 50 steps.
    double saturation = 0.9; // pause when a quantizer saturates more than this share; 1: never
    bool dead = true; // pause when a quantizer's codes are all the same
};

struct TrainingSpec
{
    int epochs = 10;
    std::string from; // run folder or checkpoint to start from; empty: fresh weights
    std::string optimizer = "sgd";
    ParamValues optimizerParams;
    std::string schedule = "cosine";
    ParamValues scheduleParams;
    double clipNorm = 0; // rescale gradients to this norm when larger; 0: never
    int evaluateEvery = 1; // epochs
    int patience = 0; // stop after this many evaluations without a better validation; 0: never
    double budgetSeconds = 0; // stop after this training time; 0: never
    int checkpointEvery = 0; // steps; 0: at the end of each epoch
    GuardSpec guards;
};

/// Everything needed to repeat a run. Read from JSON with every key checked: an unknown one is
/// refused with the nearest known name.
struct ExperimentSpec
{
    static constexpr int currentSchema = 1;

    std::string name;
    std::uint64_t seed = 1;
    int threads = 0; // 0: as many as the machine has
    DataSpec data;
    NetworkSpec network;
    QuantSpec quant;
    TrainingSpec training;
    int statisticsEvery = 50; // steps between records of layers.jsonl; 0: none
    bool weightHashes = false; // each step's line has a hash of each layer's integer weights

    /// `source` names the document in errors.
    static ExperimentSpec read(const Json& json, const std::string& source);
    static ExperimentSpec readFile(const std::filesystem::path& path);

    /// Complete: every default written out. read(toJson()) gives an equal spec.
    Json toJson() const;
};

/// Sets "training.optimizer.learning_rate=0.1"-like assignments in a spec's JSON before it is
/// read: the value is JSON, or a text where it is not valid JSON. Throws Error without '='.
void assign(Json& spec, const std::string& assignment);

/// The file or folder that `path` means: as it stands when absolute; else tried from `folder`,
/// then from the environment's STAIRCASE_DATA. Throws Error naming the places tried.
std::filesystem::path resolveDataPath(const std::string& path, const std::filesystem::path& folder);

} // namespace stair
