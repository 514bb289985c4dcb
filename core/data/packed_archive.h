#pragma once

#include "core/data/archive.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace stair {

/// An archive file, read through libarchive; Archive::open() without the folders. A gzip layer is
/// read through zlib, because libarchive 3.6 does not check gzip's checksum.
std::unique_ptr<Archive> openPackedArchive(const std::filesystem::path& path);

/// Whether a file of this name is a single file packed as .gz.
bool unpacks(std::string_view name);

/// The name without .gz where unpacks() holds.
std::string unpackedName(std::string name);

} // namespace stair
