#include "app/application.h"

#include "core/session/places.h"
#include "core/session/presets.h"
#include "widgets/main/main_window.h"

#include <optional>

namespace stair {

namespace {

/// The default pair, and the other presets behind it.
WindowSetup windowSetup()
{
    WindowSetup setup{.launcher = LocalLauncher(LocalLauncher::besideApplication()),
                      .runsFolder = runsFolder(),
                      .quantized = std::nullopt,
                      .reference = std::nullopt};
    for (const PresetInfo& info : presets()) {
        ExperimentSpec spec = ExperimentSpec::read(info.spec, info.id);
        if (info.id == "default-2bit")
            setup.quantized = std::move(spec);
        else if (info.id == "default-float")
            setup.reference = std::move(spec);
        else
            setup.presets.push_back(std::move(spec));
    }
    return setup;
}

} // namespace

Application::Application(const QStringList& runs)
    : m_window(std::make_unique<MainWindow>(windowSetup()))
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
