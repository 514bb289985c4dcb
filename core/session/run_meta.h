#pragma once

#include "core/session/race_record.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// What the user adds to a run: the part of its meta.json that people edit.
struct RunMeta
{
    std::string title; // empty: the spec's name
    std::vector<std::string> tags;
    std::string notes;
    bool star = false;
    // What was said when the run was started; read, never written here.
    std::string sweep{}; // the same in all runs that belong together; empty: in none
    std::optional<RaceRecord> race{}; // of a sweep that is a race

    bool operator==(const RunMeta&) const = default;

    /// This, with what people edit as it is in `after` where it differs from `before`: two who edit
    /// different fields do not undo each other's work.
    RunMeta edited(const RunMeta& before, const RunMeta& after) const;

    /// A missing file, and keys of another kind, read as the defaults. Throws Error when the file
    /// is no JSON object.
    static RunMeta read(const std::filesystem::path& metaFile);

    /// Leaves the file's other keys as they are. Throws Error when it cannot be written, or holds
    /// what is no JSON object.
    void write(const std::filesystem::path& metaFile) const;
};

} // namespace stair
