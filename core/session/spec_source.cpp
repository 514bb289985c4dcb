#include "core/session/spec_source.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/session/cards.h"
#include "core/session/presets.h"
#include "core/session/run_folder.h"
#include "core/zoo/networks.h"

#include <algorithm>

namespace stair {

namespace fs = std::filesystem;

namespace {

/// Why a name that is no spec's cannot be one, and what may have been meant.
std::string missingText(const std::string& name)
{
    const auto isId = [&name](const auto& row) {
        return row.id == name;
    };
    if (std::ranges::any_of(cards(), isId))
        return concat(name, " is a paper's card, no spec; `stair card run ", name,
                      "` trains it, `stair card show ", name, "` shows it");
    if (std::ranges::any_of(networks(), isId))
        return concat(name, " is a network, no spec; give a spec and --set network.id=", name);
    std::vector<std::string> ids, all;
    for (const PresetInfo& preset : presets())
        ids.push_back(preset.id);
    all = ids;
    for (const PaperCard& card : cards())
        all.push_back(card.id);
    const std::string text = concat("there is no spec file ", name, ", and it is an ",
                                    unknownName("preset", name, ids));
    const bool isPath = name.find('/') != std::string::npos || name.ends_with(".json");
    const std::string nearest = nearestName(name, all);
    if (isPath || std::ranges::find(ids, nearest) != ids.end())
        return text;
    return concat(text, "; or did you mean the card '", nearest,
                  "'? `stair card run` trains cards");
}

WrittenSpec findSpec(const std::string& name)
{
    std::error_code failure;
    if (fs::is_directory(name, failure))
        throw Error(concat(name, " is a folder; give a spec file, or --resume or --replay ", name));
    if (fs::exists(name, failure))
        return {readJsonFile(name), name, fs::absolute(name).parent_path()};
    const auto preset = std::ranges::find(presets(), name, &PresetInfo::id);
    if (preset == presets().end())
        throw Error(missingText(name));
    return {preset->spec, "preset " + name, fs::current_path()};
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

bool namesSpec(const std::string& name)
{
    std::error_code failure;
    return fs::is_regular_file(name, failure)
        || std::ranges::find(presets(), name, &PresetInfo::id) != presets().end();
}

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
