#include "core/data/packed_archive.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/data/gzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

namespace stair {

namespace fs = std::filesystem;

namespace {

using ArchiveHandle = std::unique_ptr<::archive, decltype(&archive_read_free)>;
using GzipHandle = std::unique_ptr<gzFile_s, decltype(&gzclose_r)>;

bool startsAsGzip(const fs::path& path)
{
    std::array<std::uint8_t, 2> start{};
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(start.data()), start.size());
    return file && isGzip(start);
}

/// What libarchive is handed of a gzip file: its unpacked bytes, checked by zlib.
struct GzipInput
{
    GzipHandle file{nullptr, &gzclose_r};
    std::vector<char> piece = std::vector<char>(1 << 18);

    /// Bytes read into `piece`; below 0 for a damaged or truncated stream.
    int read() { return gzread(file.get(), piece.data(), unsigned(piece.size())); }

    std::string problem() const
    {
        int code = Z_OK;
        const char* text = gzerror(file.get(), &code);
        return code == Z_BUF_ERROR ? "the gzip stream ends too early" : text;
    }

    static la_ssize_t onRead(::archive* archive, void* self, const void** bytes)
    {
        auto* input = static_cast<GzipInput*>(self);
        *bytes = input->piece.data();
        const int count = input->read();
        if (count >= 0 && input->problem().empty())
            return count;
        archive_set_error(archive, EIO, "%s", input->problem().c_str());
        return ARCHIVE_FATAL;
    }
};

class PackedArchive final : public Archive
{
public:
    explicit PackedArchive(const fs::path& path);

    bool next() override;
    const std::string& name() const override { return m_name; }
    std::vector<std::uint8_t> read() override;

private:
    [[noreturn]] void fail(const std::string& problem) const;
    std::string problem() const;
    void checkFormat() const;
    void checkRest();
    std::vector<std::uint8_t> readStored();

    fs::path m_path;
    GzipInput m_gzip; // outlives the handle that reads from it
    ArchiveHandle m_archive{archive_read_new(), &archive_read_free};
    std::string m_storedName;
    std::string m_name;
    std::int64_t m_size = -1; // of the current file; below 0 where the archive does not say
};

PackedArchive::PackedArchive(const fs::path& path)
    : m_path(path)
{
    std::error_code failure;
    if (fs::file_size(path, failure) == 0)
        throw Error(concat(path.string(), " is an empty file; download it again"));
    if (!std::ifstream(path, std::ios::binary))
        throw Error(
            concat("cannot read ", path.string(), "; check that the file is yours to read"));

    ::archive* handle = m_archive.get();
    archive_read_support_format_tar(handle);
    archive_read_support_format_zip(handle);
    archive_read_support_format_raw(handle);
    archive_read_support_filter_bzip2(handle);
    archive_read_support_filter_lzma(handle);
    archive_read_support_filter_xz(handle);
    archive_read_support_filter_zstd(handle);
    int state = ARCHIVE_OK;
    if (startsAsGzip(path)) {
        m_gzip.file.reset(gzopen(path.c_str(), "rb"));
        state = archive_read_open(handle, &m_gzip, nullptr, &GzipInput::onRead, nullptr);
    } else {
        state = archive_read_open_filename(handle, path.c_str(), 1 << 18);
    }
    if (state != ARCHIVE_OK)
        fail(problem());
}

std::string PackedArchive::problem() const
{
    const char* text = archive_error_string(m_archive.get());
    return text ? text : "unknown damage";
}

void PackedArchive::fail(const std::string& problem) const
{
    const std::string where = m_storedName.empty() ? "" : concat(" in ", m_storedName);
    throw Error(concat(m_path.string(), " is damaged or incomplete", where, " (", problem,
                       "); download it again"));
}

/// libarchive's raw format takes any bytes for a file; only compressed ones are meant here.
void PackedArchive::checkFormat() const
{
    const bool raw = archive_format(m_archive.get()) == ARCHIVE_FORMAT_RAW;
    const bool packed
        = m_gzip.file || archive_filter_code(m_archive.get(), 0) != ARCHIVE_FILTER_NONE;
    if (raw && !packed)
        throw Error(concat(m_path.string(),
                           " is no archive that can be read (.tar.gz, .tar.xz, "
                           ".zip, .gz); choose the file as downloaded, or a folder"));
}

bool PackedArchive::next()
{
    for (;;) {
        archive_entry* entry = nullptr;
        const int state = archive_read_next_header(m_archive.get(), &entry);
        if (state == ARCHIVE_EOF) {
            checkRest();
            return false;
        }
        if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
            fail(concat("after this file: ", problem()));
        checkFormat();
        if (archive_entry_filetype(entry) != AE_IFREG)
            continue;
        const char* stored = archive_entry_pathname(entry);
        const bool raw = archive_format(m_archive.get()) == ARCHIVE_FORMAT_RAW;
        m_storedName = raw ? m_path.stem().string() : std::string(stored ? stored : "");
        m_name = unpackedName(m_storedName);
        m_size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1;
        return true;
    }
}

/// Reads what lies behind the last file, so that zlib reaches the checksum.
void PackedArchive::checkRest()
{
    if (!m_gzip.file)
        return;
    while (m_gzip.read() > 0) { }
    if (const std::string text = m_gzip.problem(); !text.empty())
        fail(text);
}

std::vector<std::uint8_t> PackedArchive::readStored()
{
    constexpr std::int64_t piece = 1 << 20;
    constexpr std::int64_t trusted = 1 << 28; // a damaged header may announce any size
    std::vector<std::uint8_t> content;
    content.reserve(std::size_t(std::clamp<std::int64_t>(m_size, 0, trusted)) + piece);
    for (;;) {
        const std::size_t filled = content.size();
        content.resize(filled + piece);
        const la_ssize_t count = archive_read_data(m_archive.get(), content.data() + filled, piece);
        if (count < 0)
            fail(problem());
        content.resize(filled + std::size_t(count));
        if (count == 0)
            break;
    }
    if (m_size >= 0 && content.size() != std::size_t(m_size))
        fail(concat(content.size(), " bytes of ", m_size));
    return content;
}

std::vector<std::uint8_t> PackedArchive::read()
{
    std::vector<std::uint8_t> content = readStored();
    if (m_name == m_storedName)
        return content;
    try {
        return gunzip(content);
    } catch (const std::runtime_error& problem) {
        fail(problem.what());
    }
}

} // namespace

std::unique_ptr<Archive> openPackedArchive(const fs::path& path)
{
    return std::make_unique<PackedArchive>(path);
}

} // namespace stair
