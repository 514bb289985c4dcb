#pragma once

#include "core/session/local_launcher.h"
#include "core/train/experiment_spec.h"
#include "widgets/models/run_list_model.h"

#include <QMainWindow>

#include <optional>
#include <vector>

class QSplitter;

namespace stair {

class ExperimentEditor;
class RunDesk;
class RunList;
class RunPanel;
enum class Theme;

/// What the window is given by the program.
struct WindowSetup
{
    LocalLauncher launcher;
    std::filesystem::path runsFolder; // need not exist yet
    std::optional<ExperimentSpec> quantized; // the default experiment, and the float run beside it
    std::optional<ExperimentSpec> reference;
    std::vector<ExperimentSpec> presets = {}; // other ready experiments, by name
};

/// The window: runs at the left, the setup form, and the runs that are being looked at.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(const WindowSetup& setup, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Lists and shows the run in `path`, a run's folder or a file in it. What is no run is reported
    /// in the window.
    void openRun(const std::filesystem::path& path) { openRuns({path}); }

    /// The same for several, which are shown together.
    void openRuns(const std::vector<std::filesystem::path>& paths);

    RunListModel& model() { return m_model; }

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void createActions();
    void createMenus(const std::vector<ExperimentSpec>& presets);
    void createThemeMenu(QMenu* menu);
    void createLayout();
    void startTimers();
    void restoreWindow();
    void saveWindow() const;

    void tick();
    void tickSlowly();
    void showSelection();
    void updateActions();
    bool confirmClose();

    void start();
    void pauseOrResume();
    void stop();
    void browseForRun();
    void copySettings();
    void loadDefault();
    void setTheme(Theme theme);
    void about();

    RunListModel m_model;
    RunDesk* m_desk = nullptr;
    std::optional<ExperimentSpec> m_quantized;
    std::optional<ExperimentSpec> m_reference;
    std::vector<RunLog*> m_shown;

    QAction* m_start = nullptr;
    QAction* m_pause = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_copy = nullptr;
    QSplitter* m_splitter = nullptr;
    RunList* m_list = nullptr;
    ExperimentEditor* m_editor = nullptr;
    RunPanel* m_panel = nullptr;
    Theme m_theme;
};

} // namespace stair
