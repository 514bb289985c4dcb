#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/data/dataset_cache.h"

#include <ctime>
#include <sys/stat.h>

namespace stair {

namespace fs = std::filesystem;

namespace {

std::string textHash(const std::string& text)
{
    return sha256(std::as_bytes(std::span(text.data(), text.size())));
}

/// Everything the file system says about a file's content without reading it. The change time
/// cannot be set by hand, so a replaced file never looks the same. Empty for a file changed within
/// the last seconds: another change could follow in the same tick of its clock.
std::string stamp(const fs::path& file)
{
    struct stat info
    {
    };
    if (::stat(file.c_str(), &info) != 0 || ::time(nullptr) - info.st_ctim.tv_sec < 3)
        return {};
    return concat("stair-key-1 ", info.st_dev, ' ', info.st_ino, ' ', info.st_size, ' ',
                  info.st_mtim.tv_sec, '.', info.st_mtim.tv_nsec, ' ', info.st_ctim.tv_sec, '.',
                  info.st_ctim.tv_nsec, ' ');
}

std::string rememberedHash(const fs::path& file, const fs::path& cacheFolder)
{
    const std::string known = cacheFolder.empty() ? std::string() : stamp(file);
    if (known.empty())
        return sha256OfFile(file);
    const fs::path note = cacheFolder
        / concat("key-", textHash(fs::absolute(file).lexically_normal().string()).substr(0, 32));
    constexpr std::size_t hashLength = 64;
    try {
        const std::string text = readFile(note);
        if (text.size() == known.size() + hashLength && text.starts_with(known))
            return text.substr(known.size());
    } catch (const Error&) { // no note yet
    }
    const std::string hash = sha256OfFile(file);
    try {
        writeFileAtomically(note, known + hash);
    } catch (const Error&) { // then it is computed again next time
    }
    return hash;
}

} // namespace

std::string sourceKey(const fs::path& path, const FileFilter& wanted, const fs::path& cacheFolder)
{
    std::error_code failure;
    if (!fs::is_directory(path, failure))
        return rememberedHash(path, cacheFolder);
    std::string listing;
    for (const fs::path& file : listFiles(path, wanted))
        listing += concat(file.lexically_relative(path).generic_string(), '\n',
                          rememberedHash(file, cacheFolder), '\n');
    return textHash(listing);
}

} // namespace stair
