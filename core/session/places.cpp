#include "core/session/places.h"

#include <QDir>
#include <QStandardPaths>

namespace stair {

namespace fs = std::filesystem;

namespace {

fs::path pathOf(const QString& text)
{
    return QFile::encodeName(text).toStdString();
}

} // namespace

fs::path workspaceFolder()
{
    const QString chosen = qEnvironmentVariable("STAIRCASE_WORKSPACE");
    return chosen.isEmpty() ? pathOf(QDir::homePath()) / "Staircase" : fs::absolute(pathOf(chosen));
}

fs::path runsFolder()
{
    return workspaceFolder() / "runs";
}

fs::path cacheFolder()
{
    return pathOf(QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation))
        / "staircase";
}

} // namespace stair
