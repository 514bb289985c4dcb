#pragma once

#include "core/base/files.h"
#include "core/session/run_folder.h"

#include <QTemporaryDir>

namespace stair {

/// A folder for one test, gone with it.
class TempFolder
{
public:
    std::filesystem::path path() const { return m_folder.path().toStdString(); }
    std::filesystem::path operator/(const char* name) const { return path() / name; }

private:
    QTemporaryDir m_folder;
};

/// A run's folder with the spec that says nothing.
inline RunFolder makeRun(const std::filesystem::path& path)
{
    return RunFolder::create(path, ExperimentSpec::read(Json::object(), "test").toJson());
}

} // namespace stair
