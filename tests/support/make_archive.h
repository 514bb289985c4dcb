#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace stair {

struct PackedFile
{
    std::string name;
    std::string content;
};

inline void writePlainFile(const std::filesystem::path& path, const std::string& content)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

/// Writes an archive of the kind its name ends in: .tar, .tar.gz, .tar.xz, .zip, or .gz with one
/// file in it.
inline void makeArchive(const std::filesystem::path& path, const std::vector<PackedFile>& files)
{
    const std::string name = path.filename().string();
    const auto check = [&name](int state) {
        if (state != ARCHIVE_OK)
            throw std::runtime_error("cannot write " + name);
    };
    archive* out = archive_write_new();
    if (name.ends_with(".zip"))
        check(archive_write_set_format_zip(out));
    else if (name.ends_with(".tar") || name.find(".tar.") != std::string::npos)
        check(archive_write_set_format_gnutar(out));
    else
        check(archive_write_set_format_raw(out));
    if (name.ends_with(".gz"))
        check(archive_write_add_filter_gzip(out));
    if (name.ends_with(".xz"))
        check(archive_write_add_filter_xz(out));
    check(archive_write_open_filename(out, path.c_str()));
    for (const PackedFile& file : files) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, file.name.c_str());
        archive_entry_set_size(entry, la_int64_t(file.content.size()));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        check(archive_write_header(out, entry));
        if (archive_write_data(out, file.content.data(), file.content.size()) < 0)
            throw std::runtime_error("cannot write " + file.name);
        archive_entry_free(entry);
    }
    check(archive_write_close(out));
    archive_write_free(out);
}

} // namespace stair
