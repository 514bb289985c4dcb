#include "app/application.h"

#include "core/session/places.h"
#include "core/session/presets.h"
#include "widgets/main/main_window.h"

#include <optional>

namespace stair {

namespace {

    std::optional<ExperimentSpec> preset(const std::string& id)
    {
        for (const PresetInfo& info : presets()) {
            if (info.id == id)
                return ExperimentSpec::read(info.spec, info.id);
        }
        return std::nullopt;
    }

} // namespace

Application::Application(const QStringList& runs)
    : m_window(std::make_unique<MainWindow>(WindowSetup{
        .launcher = LocalLauncher(LocalLauncher::besideApplication()),
        .runsFolder = runsFolder(),
        .quantized = preset("default-2bit"),
        .reference = preset("default-float"),
    }))
{
    std::vector<std::filesystem::path> folders;
    for (const QString& run : runs)
        folders.push_back(run.toStdString());
    if (!folders.empty())
        m_window->openRuns(folders);
    m_window->show();
}

Application::~Application() = default;

} // namespace stair
