#include "core/session/presets.h"

#include <QDir>
#include <QFile>

/// A static library's resources are found once they have been asked for by name, outside any
/// namespace.
static void initialiseResources()
{
    Q_INIT_RESOURCE(presets);
}

namespace stair {

namespace {

PresetInfo readPreset(const QFileInfo& info)
{
    QFile file(info.filePath());
    const bool opened = file.open(QIODevice::ReadOnly);
    Q_ASSERT(opened); // it was listed
    Q_UNUSED(opened)
    const std::string id = info.completeBaseName().toStdString();
    Json spec = parseJson(file.readAll().toStdString(), id);
    std::string title = spec.value("name", id);
    return {id, std::move(title), std::move(spec)};
}

std::vector<PresetInfo> readPresets()
{
    initialiseResources();
    std::vector<PresetInfo> list;
    for (const QFileInfo& info :
         QDir(":/presets").entryInfoList({"*.json"}, QDir::Files, QDir::Name))
        list.push_back(readPreset(info));
    return list;
}

} // namespace

const std::vector<PresetInfo>& presets()
{
    static const std::vector<PresetInfo> table = readPresets();
    return table;
}

} // namespace stair
