#include "app/application.h"

#include "core/session/places.h"
#include "core/session/presets.h"
#include "widgets/main/main_window.h"
#include "widgets/main/single_instance.h"

#include <QFileInfo>

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

Application::Application(const QStringList& paths)
    : m_instance(std::make_unique<SingleInstance>(workspaceFolder()))
{
    QStringList whole; // the other program stands in another folder
    for (const QString& path : paths)
        whole += QFileInfo(path).absoluteFilePath();
    if (!m_instance->isFirst() && m_instance->handOver(whole))
        return;
    m_window = std::make_unique<MainWindow>(windowSetup());
    const auto open = [this](const QStringList& given) {
        std::vector<std::filesystem::path> found;
        for (const QString& path : given)
            found.push_back(path.toStdString());
        if (!found.empty())
            m_window->openPaths(found);
    };
    open(whole);
    QObject::connect(m_instance.get(), &SingleInstance::handedOver, m_window.get(),
                     [this, open](const QStringList& given) {
                         open(given);
                         m_window->bringToFront();
                     });
    m_window->show();
}

Application::~Application() = default;

} // namespace stair
