#include "core/data/archive.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/data/gzip.h"
#include "core/data/packed_archive.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace stair {

namespace fs = std::filesystem;

namespace {

std::vector<std::uint8_t> readBytes(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::error_code failure;
    const auto size = fs::file_size(path, failure);
    if (!file || failure)
        throw Error(concat("cannot read ", path.string(), ": ", std::strerror(errno),
                           "; check that the file is yours to read"));
    std::vector<std::uint8_t> content(size);
    file.read(reinterpret_cast<char*>(content.data()), std::streamsize(size));
    if (std::uintmax_t(file.gcount()) != size)
        throw Error(concat("cannot read ", path.string(), " to its end; check the disk"));
    return content;
}

/// Files of a folder and the folders in it, in order of their paths.
std::vector<fs::path> walk(const fs::path& folder)
{
    constexpr std::size_t most = 200'000;
    std::vector<fs::path> paths;
    std::error_code failure;
    fs::recursive_directory_iterator item(folder, fs::directory_options::skip_permission_denied,
                                          failure);
    if (failure)
        throw Error(concat("cannot look into the folder ", folder.string(), ": ", failure.message(),
                           "; choose another or change its permissions"));
    for (; item != fs::recursive_directory_iterator(); item.increment(failure)) {
        if (item->is_regular_file(failure))
            paths.push_back(item->path());
        if (paths.size() > most)
            throw Error(concat("the folder ", folder.string(), " holds more than ", most,
                               " files; name the folder of the data set itself"));
    }
    std::ranges::sort(paths);
    return paths;
}

class Folder final : public Archive
{
public:
    explicit Folder(const fs::path& folder)
        : m_folder(folder)
        , m_paths(walk(folder))
    {
    }

    bool next() override
    {
        if (m_next == m_paths.size())
            return false;
        m_name = unpackedName(m_paths[m_next++].lexically_relative(m_folder).generic_string());
        return true;
    }

    const std::string& name() const override { return m_name; }

    std::vector<std::uint8_t> read() override
    {
        const fs::path& path = m_paths[m_next - 1];
        std::vector<std::uint8_t> content = readBytes(path);
        if (!unpacks(path.filename().string()))
            return content;
        try {
            return gunzip(content);
        } catch (const std::runtime_error& problem) {
            throw Error(concat("cannot unpack ", path.string(), ": ", problem.what(),
                               "; download it again"));
        }
    }

private:
    fs::path m_folder;
    std::vector<fs::path> m_paths;
    std::size_t m_next = 0;
    std::string m_name;
};

} // namespace

std::unique_ptr<Archive> Archive::open(const fs::path& path)
{
    std::error_code failure;
    if (path.empty())
        throw Error("no data path is given; name the archive or folder of the data set");
    if (!fs::exists(path, failure))
        throw Error(concat("there is no file or folder ", path.string(),
                           "; check the path of the data set"));
    if (fs::is_directory(path, failure))
        return std::make_unique<Folder>(path);
    return openPackedArchive(path);
}

std::string_view lastPart(std::string_view name)
{
    return name.substr(name.rfind('/') + 1);
}

bool unpacks(std::string_view name)
{
    return name.ends_with(".gz") && !name.ends_with(".tar.gz");
}

std::string unpackedName(std::string name)
{
    if (unpacks(name))
        name.resize(name.size() - 3);
    return name;
}

FoundFiles readFiles(const fs::path& path, const FileFilter& wanted)
{
    constexpr std::size_t mostOthers = 1000;
    FoundFiles found;
    const std::unique_ptr<Archive> archive = Archive::open(path);
    while (archive->next()) {
        const std::string file(lastPart(archive->name()));
        if (wanted(file) && !found.content.contains(file))
            found.content.emplace(file, archive->read());
        else if (found.others.size() < mostOthers)
            found.others.push_back(file);
    }
    return found;
}

std::vector<fs::path> listFiles(const fs::path& folder, const FileFilter& wanted)
{
    std::vector<fs::path> paths = walk(folder);
    std::erase_if(paths, [&wanted](const fs::path& path) {
        return !wanted(unpackedName(path.filename().string()));
    });
    return paths;
}

} // namespace stair
