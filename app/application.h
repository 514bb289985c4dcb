#pragma once

#include <QStringList>

#include <memory>

namespace stair {

class MainWindow;
class SingleInstance;

/// The composition root: finds the worker, the workspace and the default experiment, and makes the
/// window from them.
class Application
{
public:
    /// `paths`: folders of runs, and specs, to open.
    explicit Application(const QStringList& paths);
    ~Application();

    /// Whether there is a window here. Else another program has the workspace open, and has got the
    /// paths.
    bool hasWindow() const { return m_window != nullptr; }

private:
    std::unique_ptr<SingleInstance> m_instance;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace stair
