#pragma once

#include <filesystem>
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

    bool operator==(const RunMeta&) const = default;

    /// A missing file, and keys of another kind, read as the defaults. Throws Error when the file
    /// is no JSON object.
    static RunMeta read(const std::filesystem::path& metaFile);

    /// Leaves the file's other keys as they are. Throws Error when it cannot be written, or holds
    /// what is no JSON object.
    void write(const std::filesystem::path& metaFile) const;
};

} // namespace stair
