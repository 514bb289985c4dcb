#include "core/session/presets.h"

#include "core/session/resources.h"

namespace stair {

namespace {

std::vector<PresetInfo> readPresets()
{
    std::vector<PresetInfo> list;
    for (JsonResource& resource : readResources("presets")) {
        std::string title = resource.json.value("name", resource.id);
        list.push_back({std::move(resource.id), std::move(title), std::move(resource.json)});
    }
    return list;
}

} // namespace

const std::vector<PresetInfo>& presets()
{
    static const std::vector<PresetInfo> table = readPresets();
    return table;
}

} // namespace stair
