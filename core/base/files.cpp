#include "core/base/files.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace stair {

namespace fs = std::filesystem;

namespace {

std::string reason()
{
    return std::strerror(errno);
}

[[noreturn]] void failWriting(const fs::path& path, const std::string& why)
{
    throw Error(concat("cannot write ", path.string(), ": ", why,
                       "; choose another folder or free space there"));
}

/// A file being written beside its final place; removed again unless commit() was reached.
class PendingFile
{
public:
    explicit PendingFile(const fs::path& target)
        : m_target(target)
        , m_path(concat(target.string(), ".part", ::getpid(), "-", nextNumber()))
        , m_file(::open(m_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644))
    {
        if (m_file < 0)
            failWriting(target, reason());
    }

    ~PendingFile()
    {
        if (m_file >= 0)
            ::close(m_file);
        if (!m_done)
            ::unlink(m_path.c_str());
    }

    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    void append(std::span<const std::byte> bytes)
    {
        while (!bytes.empty()) {
            const ssize_t written = ::write(m_file, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                failWriting(m_target, reason());
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }

    void commit()
    {
        if (::fsync(m_file) != 0 || ::close(std::exchange(m_file, -1)) != 0)
            failWriting(m_target, reason());
        if (::rename(m_path.c_str(), m_target.c_str()) != 0)
            failWriting(m_target, reason());
        m_done = true;
        syncFolder();
    }

private:
    /// Two threads may be writing the same file.
    static int nextNumber()
    {
        static std::atomic<int> number = 0;
        return ++number;
    }

    /// Makes the rename itself durable; a file system that cannot is no reason to fail.
    void syncFolder() const
    {
        const fs::path parent = m_target.has_parent_path() ? m_target.parent_path() : fs::path(".");
        const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
            return;
        ::fsync(folder);
        ::close(folder);
    }

    fs::path m_target;
    std::string m_path;
    int m_file;
    bool m_done = false;
};

} // namespace

std::string readFile(const fs::path& path)
{
    std::error_code failure;
    if (fs::is_directory(path, failure))
        throw Error(concat("cannot read ", path.string(), ": it is a folder, not a file"));
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Error(concat("cannot read ", path.string(), ": ", reason()));
    std::ostringstream content;
    content << file.rdbuf();
    if (file.bad())
        throw Error(concat("cannot read ", path.string(), ": ", reason()));
    return std::move(content).str();
}

void writeFileAtomically(const fs::path& path, std::string_view content)
{
    writeFileAtomically(path, [content](const AppendBytes& append) {
        append(std::as_bytes(std::span(content.data(), content.size())));
    });
}

void writeFileAtomically(const fs::path& path,
                         const std::function<void(const AppendBytes&)>& produce)
{
    PendingFile file(path);
    produce([&file](std::span<const std::byte> bytes) { file.append(bytes); });
    file.commit();
}

void makeWritableFolder(const fs::path& path)
{
    std::error_code failure;
    fs::create_directories(path, failure);
    if (failure)
        throw Error(concat("cannot create the folder ", path.string(), ": ", failure.message(),
                           "; choose another folder"));
    const fs::path probe = path / ".write-probe";
    writeFileAtomically(probe, "probe");
    fs::remove(probe, failure);
}

} // namespace stair
