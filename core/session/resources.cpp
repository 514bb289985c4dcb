#include "core/session/resources.h"

#include "core/base/assert.h"

#include <QDir>
#include <QFile>

#include <algorithm>

/// A static library's resources are found once they have been asked for by name, outside any
/// namespace.
static void initialiseResources()
{
    Q_INIT_RESOURCE(presets);
}

namespace stair {

std::vector<JsonResource> readResources(const std::string& folder)
{
    initialiseResources();
    std::vector<JsonResource> list;
    const QDir place(QString::fromStdString(":/" + folder));
    for (const QFileInfo& info : place.entryInfoList({"*.json"}, QDir::Files)) {
        QFile file(info.filePath());
        require(file.open(QIODevice::ReadOnly), "a listed resource can be read");
        std::string id = info.completeBaseName().toStdString();
        Json json = parseJson(file.readAll().toStdString(), id);
        list.push_back({std::move(id), std::move(json)});
    }
    std::ranges::sort(list, {}, &JsonResource::id); // not by file name: '-' comes before '.'
    return list;
}

} // namespace stair
