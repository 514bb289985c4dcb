#pragma once

#include "core/session/run_folder.h"
#include "core/session/script.h"
#include "core/train/checkpoint.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// Where a run can go on, found without changing anything in its folder.
struct ResumePoint
{
    std::optional<Checkpoint> checkpoint; // absent: none was readable, start again
    std::filesystem::path file;
    std::vector<std::filesystem::path> damaged; // newer ones that could not be read
    std::vector<std::string> notices; // what the user should know
    std::int64_t events = 0; // length of the logs at that checkpoint
    std::int64_t layers = 0;
    std::vector<ScriptedCommand> script; // "set" commands that came later

    std::int64_t step() const { return checkpoint ? checkpoint->step : 0; }
};

/// The newest readable checkpoint, else the best one. Throws Error when the run is finished.
ResumePoint findResumePoint(const RunFolder& folder);

/// Makes the folder what it was at that checkpoint: logs cut back to just after it, damaged
/// checkpoints and pieces of unfinished ones removed. The script is stored first.
void rewind(const RunFolder& folder, const ResumePoint& point);

} // namespace stair
