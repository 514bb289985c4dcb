#include "core/session/run_meta.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"

namespace stair {

namespace fs = std::filesystem;

namespace {

Json readObject(const fs::path& file)
{
    std::error_code failure;
    if (!fs::exists(file, failure))
        return Json::object();
    Json meta = readJsonFile(file);
    if (!meta.is_object())
        throw Error(concat("[meta] ", file.string(), " holds no JSON object; mend or delete it"));
    return meta;
}

std::string textOf(const Json& meta, const char* key)
{
    const auto entry = meta.find(key);
    return entry != meta.end() && entry->is_string() ? entry->get<std::string>() : std::string();
}

} // namespace

RunMeta RunMeta::edited(const RunMeta& before, const RunMeta& after) const
{
    RunMeta meta = *this;
    const auto take = [&](auto field) {
        if (before.*field != after.*field)
            meta.*field = after.*field;
    };
    take(&RunMeta::title);
    take(&RunMeta::tags);
    take(&RunMeta::notes);
    take(&RunMeta::star);
    return meta;
}

RunMeta RunMeta::read(const fs::path& metaFile)
{
    const Json json = readObject(metaFile);
    RunMeta meta;
    meta.title = textOf(json, "title");
    meta.notes = textOf(json, "notes");
    meta.star = json.value("star", Json()) == true;
    if (const auto tags = json.find("tags"); tags != json.end() && tags->is_array()) {
        for (const Json& tag : *tags) {
            if (tag.is_string())
                meta.tags.push_back(tag.get<std::string>());
        }
    }
    meta.sweep = textOf(json, "sweep");
    if (const auto race = json.find("race"); race != json.end() && !meta.sweep.empty())
        meta.race = RaceRecord::read(*race);
    return meta;
}

void RunMeta::write(const fs::path& metaFile) const
{
    Json json = readObject(metaFile);
    json["title"] = title;
    json["tags"] = tags;
    json["notes"] = notes;
    json["star"] = star;
    writeFileAtomically(metaFile, json.dump(2) + "\n");
}

} // namespace stair
