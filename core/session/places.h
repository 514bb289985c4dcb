#pragma once

#include <filesystem>

namespace stair {

/// Where runs are kept: $STAIRCASE_WORKSPACE, or Staircase in the home folder.
std::filesystem::path workspaceFolder();

/// The workspace's folder of runs.
std::filesystem::path runsFolder();

/// Where decoded data sets may be kept: $XDG_CACHE_HOME/staircase, or ~/.cache/staircase.
std::filesystem::path cacheFolder();

} // namespace stair
