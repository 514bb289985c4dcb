#include "core/session/spec_source.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/session/presets.h"
#include "core/session/run_folder.h"

namespace stair {

namespace fs = std::filesystem;

namespace {

WrittenSpec findSpec(const std::string& name)
{
    std::error_code failure;
    if (fs::is_directory(name, failure))
        throw Error(concat(name, " is a folder; give a spec file, or --resume or --replay ", name));
    if (fs::exists(name, failure))
        return {readJsonFile(name), name, fs::absolute(name).parent_path()};
    std::vector<std::string> ids;
    for (const PresetInfo& preset : presets()) {
        if (preset.id == name)
            return {preset.spec, "preset " + name, fs::current_path()};
        ids.push_back(preset.id);
    }
    throw Error(concat("there is no spec file ", name, ", and it is an ",
                       unknownName("preset", name, ids)));
}

/// What a name must tell when a ready spec was changed: the assignments other than to where from.
std::string changesIn(const std::vector<std::string>& assignments)
{
    std::string changes;
    for (const std::string& assignment : assignments) {
        if (assignment.starts_with("name="))
            return {};
        const bool isPlace = assignment.starts_with("training.from=")
            || assignment.starts_with("data.path=") || assignment.starts_with("threads=");
        if (!isPlace)
            changes += (changes.empty() ? " (" : ", ") + assignment;
    }
    return changes.empty() ? changes : changes + ")";
}

} // namespace

ExperimentSpec loadSpec(const std::string& name, const std::vector<std::string>& assignments)
{
    return loadSpec(findSpec(name), assignments);
}

ExperimentSpec loadSpec(const WrittenSpec& written, const std::vector<std::string>& assignments)
{
    Json assigned = written.json;
    for (const std::string& assignment : assignments)
        assign(assigned, assignment);
    ExperimentSpec spec = ExperimentSpec::read(assigned, written.source);
    if (!spec.name.empty())
        spec.name += changesIn(assignments);
    // A path typed on the command line is meant from where the user stands.
    const auto folderOf = [&](const Json::json_pointer& key) {
        return assigned.value(key, "") == written.json.value(key, "") ? written.folder
                                                                      : fs::current_path();
    };
    if (!spec.data.path.empty())
        spec.data.path
            = resolveDataPath(spec.data.path, folderOf(Json::json_pointer("/data/path"))).string();
    if (!spec.training.from.empty())
        spec.training.from = (folderOf(Json::json_pointer("/training/from")) / spec.training.from)
                                 .lexically_normal();
    return spec;
}

fs::path startingCheckpoint(const std::string& from)
{
    std::error_code failure;
    if (!fs::is_directory(from, failure))
        return from;
    const RunFolder run = RunFolder::open(from);
    return run.checkpointFile(fs::exists(run.bestCheckpoint(), failure) ? "best" : "last");
}

} // namespace stair
