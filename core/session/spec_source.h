#pragma once

#include "core/train/experiment_spec.h"

#include <string>
#include <vector>

namespace stair {

/// Reads the spec that `name` means, a file or else a preset's id, with assignments (`assign`) made
/// first. Paths in it are made absolute, so that it means the same in any folder. Throws Error.
ExperimentSpec loadSpec(const std::string& name, const std::vector<std::string>& assignments);

/// Whether there is such a file, or a preset of that id.
bool namesSpec(const std::string& name);

/// A spec as it was written: `source` names it in errors, relative paths in it start at `folder`.
struct WrittenSpec
{
    Json json;
    std::string source;
    std::filesystem::path folder; // absolute
};

/// The same for a spec that is at hand.
ExperimentSpec loadSpec(const WrittenSpec& written, const std::vector<std::string>& assignments);

/// The checkpoint that training.from means: a file, or a run's folder (its best, else its last).
std::filesystem::path startingCheckpoint(const std::string& from);

} // namespace stair
