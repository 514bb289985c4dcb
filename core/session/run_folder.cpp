#include "core/session/run_folder.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/session/event_log.h"
#include "core/session/worker_lock.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

namespace stair {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view checkpointPrefix = "step-";
constexpr std::string_view checkpointSuffix = ".safetensors";

/// The step in a checkpoint's file name.
std::optional<std::int64_t> stepOf(const fs::path& file)
{
    const std::string name = file.filename().string();
    if (!name.starts_with(checkpointPrefix) || !name.ends_with(checkpointSuffix))
        return {};
    std::int64_t step = 0;
    const char* end = name.data() + name.size() - checkpointSuffix.size();
    const auto [stopped, failure]
        = std::from_chars(name.data() + checkpointPrefix.size(), end, step);
    if (failure != std::errc() || stopped != end)
        return {};
    return step;
}

/// The outermost folder that would have to be made for `path` to exist; empty when it exists.
fs::path firstMissing(const fs::path& path)
{
    fs::path missing;
    std::error_code failure;
    for (fs::path p = fs::absolute(path).lexically_normal(); !p.empty() && !fs::exists(p, failure);
         p = p.parent_path())
        missing = p;
    return missing;
}

Json freshMeta(bool unattended)
{
    return {{"title", ""},   {"tags", Json::array()}, {"notes", ""},
            {"star", false}, {"sweep", ""},           {"unattended", unattended}};
}

/// The number that starts a run folder's name; 0 when there is none.
int numberOf(const fs::path& folder)
{
    const std::string name = folder.filename().string();
    int number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    return std::max(0, number);
}

} // namespace

RunFolder::RunFolder(fs::path path)
    : m_path(std::move(path))
{
}

void RunFolder::checkFree(const fs::path& path)
{
    std::error_code failure;
    if (fs::exists(path / "spec.json", failure))
        throw Error(concat(path.string(),
                           " already holds a run; choose another folder, or go on "
                           "with --resume ",
                           path.string()));
    if (fs::exists(path, failure) && !(fs::is_directory(path) && fs::is_empty(path, failure)))
        throw Error(concat(path.string(), " is not an empty folder; choose another for the run"));
}

RunFolder RunFolder::create(const fs::path& path, const Json& spec, bool unattended,
                            const Json& meta)
{
    checkFree(path);
    const RunFolder folder(fs::absolute(path).lexically_normal());
    const fs::path made = firstMissing(path);
    try {
        makeWritableFolder(folder.m_path);
        makeWritableFolder(folder.checkpointFolder());
        Json full = freshMeta(unattended);
        full.update(meta);
        writeFileAtomically(folder.metaFile(), full.dump(2) + "\n");
        writeFileAtomically(folder.specFile(), spec.dump(2) + "\n");
    } catch (...) {
        std::error_code failure;
        for (const fs::path& part :
             {folder.specFile(), folder.metaFile(), folder.checkpointFolder()})
            fs::remove_all(part, failure);
        if (!made.empty())
            fs::remove_all(made, failure);
        throw;
    }
    return folder;
}

RunFolder RunFolder::open(const fs::path& path)
{
    std::error_code failure;
    const RunFolder folder(fs::absolute(path).lexically_normal());
    if (!fs::is_regular_file(folder.specFile(), failure))
        throw Error(
            concat(path.string(), " holds no run (no spec.json); give the folder of a run"));
    return folder;
}

ExperimentSpec RunFolder::spec() const
{
    return ExperimentSpec::readFile(specFile());
}

bool RunFolder::isUnattended() const
{
    std::error_code failure;
    if (!fs::exists(metaFile(), failure))
        return false;
    const Json meta = readJsonFile(metaFile());
    return meta.is_object() && meta.value("unattended", Json()) == true;
}

std::vector<fs::path> RunFolder::checkpoints() const
{
    std::vector<std::pair<std::int64_t, fs::path>> found;
    std::error_code failure;
    for (const fs::directory_entry& entry : fs::directory_iterator(checkpointFolder(), failure)) {
        if (const auto step = stepOf(entry.path()))
            found.emplace_back(*step, entry.path());
    }
    std::ranges::sort(found);
    std::vector<fs::path> files;
    for (const auto& [step, file] : found)
        files.push_back(file);
    return files;
}

fs::path RunFolder::checkpointFile(const std::string& which) const
{
    const std::vector<fs::path> files = checkpoints();
    std::error_code failure;
    if (which == "last" && !files.empty())
        return files.back();
    if (which == "best" && fs::exists(bestCheckpoint(), failure))
        return bestCheckpoint();
    for (const fs::path& file : {fs::path(which), checkpointFolder() / which}) {
        if (fs::is_regular_file(file, failure))
            return file;
    }
    std::string there;
    for (const fs::path& file : files)
        there += concat(" ", file.filename().string());
    if (fs::exists(bestCheckpoint(), failure))
        there += " best";
    throw Error(concat("no checkpoint '", which, "' in ", checkpointFolder().string(), "; there ",
                       there.empty() ? "is none yet: let the run go on" : concat("are:", there)));
}

void RunFolder::command(const Json& command) const
{
    EventLog(controlFile()).append(command.dump() + "\n");
}

bool RunFolder::hasWorker() const
{
    return liveWorker(workerFile()).has_value();
}

void RunFolder::remove() const
{
    std::error_code failure;
    fs::remove_all(m_path, failure);
}

std::string checkpointName(std::int64_t step)
{
    char digits[32];
    std::snprintf(digits, sizeof digits, "%08lld", static_cast<long long>(step));
    return concat(checkpointPrefix, digits, checkpointSuffix);
}

fs::path proposeRunFolder(const fs::path& runs, const ExperimentSpec& spec)
{
    int last = 0;
    std::error_code failure;
    for (const fs::directory_entry& entry : fs::directory_iterator(runs, failure))
        last = std::max(last, numberOf(entry.path()));
    char number[16];
    std::snprintf(number, sizeof number, "%04d", last + 1);
    const QuantSpec& quant = spec.quant;
    const std::string widths
        = quant.isFloat() ? "" : concat("-w", quant.weightBits, "a", quant.activationBits);
    return runs / concat(number, "-", spec.network.id, "-", quant.method, widths);
}

} // namespace stair
