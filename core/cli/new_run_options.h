#pragma once

#include "core/base/json.h"
#include "core/session/worker.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace stair {

/// What may be said of every new run on the command line.
struct NewRunOptions
{
    std::string out;
    std::vector<std::string> assignments;
    std::int64_t seed = -1; // -1: the spec's
    int threads = -1; // -1: the spec's

    /// All that is changed in the spec, as assignments.
    std::vector<std::string> changes() const;
};

/// Adds --out, --set, --seed and --threads; `options` must outlive the parsing.
void describeNewRun(CLI::App& app, NewRunOptions& options);

/// The object in a file for --meta. Throws Error when it is none, or has a key that meta.json has not.
Json readNewMeta(const std::filesystem::path& file);

/// With the launcher's name from the environment.
WorkerOptions workerOptions();

/// A run's outcome for --json.
Json outcomeDocument(const RunOutcome& outcome);

} // namespace stair
