#pragma once

#include "core/data/archive.h"
#include "core/data/dataset.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace stair {

/// Identifies what a data set is decoded from: SHA-256 of the file, or of the names and contents
/// of a folder's wanted files. A file's hash is remembered in `cacheFolder` (if not empty) for as
/// long as size, inode and times stay the same. Throws Error when something cannot be read.
std::string sourceKey(const std::filesystem::path& path, const FileFilter& wanted,
                      const std::filesystem::path& cacheFolder);

/// Writes a decoded set so that a reader sees all of it or nothing. Throws Error.
void writeCachedDataset(const std::filesystem::path& file, const Dataset& data);

/// Reads what writeCachedDataset() wrote; nothing when the file is absent, of another version, cut
/// short, or when its content does not give the hash it claims.
std::optional<Dataset> readCachedDataset(const std::filesystem::path& file);

/// What makes a decoded copy usable again.
struct CacheRequest
{
    std::filesystem::path source;
    std::filesystem::path cacheFolder; // empty: decode every time
    std::string kind; // id and params; part of the key
    FileFilter wanted; // files of the source that the decoder reads
};

/// The decoded copy from the cache, or decode() and a copy left for next time. A cache folder that
/// cannot be used costs time, never the run.
Dataset openThroughCache(const CacheRequest& request, const std::function<Dataset()>& decode);

} // namespace stair
