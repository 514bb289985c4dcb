#pragma once

#include "core/train/trainer.h"

#include <filesystem>

namespace stair {

/// What a run needs in memory: the spec, its data opened, the runtime and the trainer. Nothing is
/// written but decoded data in the cache folder.
class Experiment
{
public:
    /// `folder`: for a relative data.path. Throws Error for what the spec asks and cannot be had.
    Experiment(const ExperimentSpec& spec, const std::filesystem::path& folder);

    /// Loads the weights that training.from names, if it names any.
    void loadStart();

    ExperimentSpec spec;
    Dataset data;
    Runtime runtime;
    Trainer trainer;
};

/// Opens the data that a spec names, through the cache folder.
Dataset openData(const DataSpec& spec, const std::filesystem::path& folder);

} // namespace stair
