#pragma once

#include <QStringList>

#include <memory>

namespace stair {

class MainWindow;

/// The composition root: finds the worker, the workspace and the default experiment, and makes the
/// window from them.
class Application
{
public:
    /// `runs`: folders of runs to open.
    explicit Application(const QStringList& runs);
    ~Application();

private:
    std::unique_ptr<MainWindow> m_window;
};

} // namespace stair
