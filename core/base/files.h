#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace stair {

/// Reads a whole file. Throws Error naming the file when it cannot be read.
std::string readFile(const std::filesystem::path& path);

/// Replaces a file's content so that a reader sees the old or the new, never a part: written
/// beside it, flushed to the disk, renamed. Throws Error naming the file; the old one then stays.
void writeFileAtomically(const std::filesystem::path& path, std::string_view content);

/// The same for content produced in pieces: `produce` is handed a function that appends bytes.
using AppendBytes = std::function<void(std::span<const std::byte>)>;
void writeFileAtomically(const std::filesystem::path& path,
                         const std::function<void(const AppendBytes&)>& produce);

/// Creates a folder and its parents, and proves that a file can be written there.
/// Throws Error with the system's reason (no permission, read-only, no space).
void makeWritableFolder(const std::filesystem::path& path);

} // namespace stair
