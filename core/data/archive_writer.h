#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stair {

/// A file of an archive that is to be written.
struct ArchiveFile
{
    std::string name; // with '/' between folders
    std::string content;
};

/// Writes an archive of the kind that its name ends in, .tar.gz or .zip. Throws Error for another
/// name, and when it cannot be written; then no file is left behind, and one that was there stays.
void writeArchive(const std::filesystem::path& path, const std::vector<ArchiveFile>& files);

} // namespace stair
