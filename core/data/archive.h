#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stair {

/// The files of a data set as people have it: an archive (.tar.gz, .tar.xz, .tar, .zip), one file
/// packed as .gz, or an unpacked folder. Files come one after the other, so that an archive is
/// unpacked once. A file kept as .gz inside is unpacked as well and shown without that suffix.
class Archive
{
public:
    /// Throws Error when there is nothing at `path`, or something that is no archive.
    static std::unique_ptr<Archive> open(const std::filesystem::path& path);

    virtual ~Archive() = default;

    /// Goes to the next file; false after the last. A folder's files come in order of their names.
    /// An archive's checksum is checked when the last has been passed.
    virtual bool next() = 0;

    /// Where the current file lies inside, with '/' between folders.
    virtual const std::string& name() const = 0;

    /// The current file's whole content; to be called once at most.
    /// Throws Error naming the archive, the file and the remedy when it is damaged.
    virtual std::vector<std::uint8_t> read() = 0;
};

/// The part of an archive's file name after the last '/'.
std::string_view lastPart(std::string_view name);

/// Picks files by the last part of their name.
using FileFilter = std::function<bool(std::string_view lastPart)>;

/// Some files of an archive with their content, and what else lies there for messages.
struct FoundFiles
{
    std::map<std::string, std::vector<std::uint8_t>, std::less<>> content; // by last part
    std::vector<std::string> others; // the first few files that were not wanted
};

/// Reads every wanted file at any depth in one pass. Where two have the same last part, the first
/// counts.
FoundFiles readFiles(const std::filesystem::path& path, const FileFilter& wanted);

/// Paths of the wanted files of a folder, at any depth and in order, without reading them.
std::vector<std::filesystem::path> listFiles(const std::filesystem::path& folder,
                                             const FileFilter& wanted);

} // namespace stair
