#include "core/data/archive_writer.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <archive.h>
#include <archive_entry.h>

#include <ctime>
#include <memory>

namespace stair {

namespace {

using WriteHandle = std::unique_ptr<::archive, decltype(&archive_write_free)>;
using EntryHandle = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

[[noreturn]] void fail(const std::filesystem::path& path, ::archive* archive)
{
    const char* why = archive_error_string(archive);
    throw Error(
        concat("[archive] cannot write ", path.string(), ": ", why ? why : "unknown error"));
}

void write(const std::filesystem::path& path, const std::filesystem::path& temporary,
           const std::vector<ArchiveFile>& files, bool isZip)
{
    const WriteHandle out(archive_write_new(), &archive_write_free);
    const auto check = [&](int state) {
        if (state != ARCHIVE_OK)
            fail(path, out.get());
    };
    check(isZip ? archive_write_set_format_zip(out.get())
                : archive_write_set_format_gnutar(out.get()));
    if (!isZip)
        check(archive_write_add_filter_gzip(out.get()));
    check(archive_write_open_filename(out.get(), temporary.c_str()));
    for (const ArchiveFile& file : files) {
        const EntryHandle entry(archive_entry_new(), &archive_entry_free);
        archive_entry_set_pathname(entry.get(), file.name.c_str());
        archive_entry_set_size(entry.get(), la_int64_t(file.content.size()));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_mtime(entry.get(), std::time(nullptr), 0);
        check(archive_write_header(out.get(), entry.get()));
        if (archive_write_data(out.get(), file.content.data(), file.content.size())
            != la_ssize_t(file.content.size()))
            fail(path, out.get());
    }
    check(archive_write_close(out.get()));
}

} // namespace

void writeArchive(const std::filesystem::path& path, const std::vector<ArchiveFile>& files)
{
    const std::string name = path.filename().string();
    const bool isZip = name.ends_with(".zip");
    if (!isZip && !name.ends_with(".tar.gz"))
        throw Error(concat("[archive] ", name, " ends in neither .tar.gz nor .zip"));
    const std::filesystem::path temporary = path.string() + ".part";
    std::error_code none;
    try {
        write(path, temporary, files, isZip);
        std::error_code failure;
        std::filesystem::rename(temporary, path, failure);
        if (failure)
            throw Error(concat("[archive] cannot write ", path.string(), ": ", failure.message()));
    } catch (...) {
        std::filesystem::remove(temporary, none);
        throw;
    }
}

} // namespace stair
