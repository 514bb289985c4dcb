#pragma once

#include "core/base/json.h"
#include "core/data/archive_writer.h"

#include <filesystem>
#include <string>
#include <vector>

namespace stair {

/// The files of a diagnostic bundle: what a report of a fault needs, without data and weights.
/// `conformance`: the report of `stair conformance`, which has the environment; `window`: the
/// window's saved state, or an empty path. Of a run its spec, its environment and the end of its
/// log. What cannot be read is named in README.txt, which says what all of it is.
std::vector<ArchiveFile> diagnosticFiles(const Json& conformance,
                                         const std::vector<std::filesystem::path>& runs,
                                         const std::filesystem::path& window);

/// What such a bundle contains and what not, in sentences, to be shown before it is saved.
std::string diagnosticContents();

/// So much of a log's end is kept.
inline constexpr int keptEventLines = 200;

} // namespace stair
