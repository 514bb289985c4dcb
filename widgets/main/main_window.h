#pragma once

#include "core/quant/quant_spec.h"
#include "core/session/local_launcher.h"
#include "core/train/experiment_spec.h"
#include "widgets/models/run_list_model.h"

#include <QMainWindow>
#include <QThreadPool>

#include <functional>
#include <optional>
#include <vector>

class QActionGroup;
class QFileDialog;
class QLabel;
class QTimer;
class QUndoStack;

namespace stair {

class ActionRegistry;
class BitsMapPanel;
class CommandPalette;
class ComparePanel;
class DataDesk;
class DockFrame;
class EpochEstimate;
class ExperimentEditor;
class ExportPanel;
class Guide;
class HistogramPanel;
class LayerPanel;
class NetworkPanel;
class NoticeStrip;
class RaceDesk;
class RacePanel;
class RoundingLab;
class RunDesk;
class RunDetails;
class RunList;
class RunPanel;
class SamplesPanel;
class Selection;
class SystemColors;
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

/// The window: the runs, the setup form and the panels that show the selected runs, in docks. Wires
/// them to each other and to the actions.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(const WindowSetup& setup, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Lists and shows the run in `path`, a run's folder or a file in it. What is no run is
    /// reported in the window.
    void openRun(const std::filesystem::path& path) { openRuns({path}); }

    /// The same for several, which are shown together.
    void openRuns(const std::vector<std::filesystem::path>& paths);

    /// Whatever lies there: runs, or a spec.
    void openPaths(const std::vector<std::filesystem::path>& paths);

    /// To the front, also from another desktop or from its icon.
    void bringToFront();

    RunListModel& model() { return m_model; }
    ActionRegistry& actions() { return *m_actions; }
    DockFrame& frame() { return *m_frame; }
    Selection& selection() { return *m_selection; }
    QUndoStack& undoStack() { return *m_undo; }

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void createPanels(const QString& stair); // panels.cpp: the table of docks
    void wirePanels();
    void linkSteps();
    void showLayers();
    void forkWithWidths(const std::filesystem::path& run, const std::vector<LayerBits>& widths);
    void saveReport();
    void endReport(const QString& name, const QString& problem); // empty: it is written
    void createFileActions(const std::vector<ExperimentSpec>& presets);
    void createEditActions();
    void createRunActions();
    void createRaceActions();
    void createRunsViewActions();
    void createLayoutActions();
    void createThemeActions();
    void createHelpActions();
    void createAnalyseActions();
    void createCorner();
    void wire();
    void startTimers();

    void restoreWindow();
    void restoreSession();
    void restoreViews();
    void saveWindow();
    void saveSoon();
    std::filesystem::path sessionFile() const;
    QString takeRuns(const std::vector<std::filesystem::path>& paths); // what went wrong, or empty
    QString takeSpec(const std::filesystem::path& file);
    void noteRecent(const std::filesystem::path& path);
    void showRecent();

    void tick();
    void tickSlowly();
    bool readRuns(const std::vector<RunLog*>& runs);
    void showSelection();
    std::vector<RunLog*> followed(const std::vector<RunLog*>& selected) const;
    void showStatus();
    void updateActions();
    bool confirmReports();
    bool confirmClose();
    void report(const QString& problem, const QString& source = {});

    void start();
    void pauseOrResume();
    void stop();
    void copySettings();
    void chooseCheckpoint();
    void fork(const std::filesystem::path& run, const std::filesystem::path& checkpoint);
    void renameRun();
    void toggleStar();
    void deleteRuns();
    void openFolders();
    void loadDefault();

    void wireRace();
    void setUpRace();
    void offerExperiment(); // the form's, to the race
    void stopRace();
    void continueRace();
    void watchRace();

    void browseForRun();
    void browseForSpec();
    void browseForPicture();
    void openPicture(const std::filesystem::path& file);
    void saveSpec();
    void exportLayouts();
    void importLayouts();
    enum class Pick
    {
        File,
        Folder,
        NewFile
    };
    QFileDialog* pick(const QString& title, const QString& filter,
                      std::function<void(const std::filesystem::path&)> take,
                      Pick what = Pick::File, const QString& suffix = {});
    void setTheme(Theme theme);
    void openPalette();
    void editShortcuts();
    void showShortcuts();
    void about();
    void saveBundle();

    RunListModel m_model;
    RunDesk* m_desk = nullptr;
    RaceDesk* m_races = nullptr;
    Selection* m_selection = nullptr;
    ActionRegistry* m_actions = nullptr;
    QUndoStack* m_undo = nullptr;
    SystemColors* m_systemColors = nullptr;
    std::optional<ExperimentSpec> m_quantized;
    std::optional<ExperimentSpec> m_reference;

    QAction* m_start = nullptr;
    QAction* m_pause = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_stopRace = nullptr;
    QAction* m_linkSteps = nullptr;
    std::vector<QAction*> m_forOne; // enabled while one run is selected
    std::vector<QAction*> m_forSome; // while any is
    struct Panel
    {
        QString id; // its dock's
        QWidget* widget;
    };
    std::vector<Panel> m_panels;
    NoticeStrip* m_problem = nullptr;
    QString m_problemSource; // of what m_problem says
    NoticeStrip* m_result = nullptr; // of reports, under it
    DockFrame* m_frame = nullptr;
    RunList* m_list = nullptr;
    ExperimentEditor* m_editor = nullptr;
    RunPanel* m_panel = nullptr;
    RunDetails* m_details = nullptr;
    LayerPanel* m_layers = nullptr;
    RoundingLab* m_lab = nullptr;
    HistogramPanel* m_histograms = nullptr;
    BitsMapPanel* m_map = nullptr;
    ComparePanel* m_compare = nullptr;
    RacePanel* m_race = nullptr;
    ExportPanel* m_export = nullptr;
    NetworkPanel* m_network = nullptr;
    SamplesPanel* m_samples = nullptr;
    DataDesk* m_data = nullptr;
    CommandPalette* m_palette = nullptr;
    QLabel* m_status = nullptr;
    QTimer* m_saveTimer = nullptr;
    Json m_views; // of the last session's panels, until they have been put back
    std::vector<std::filesystem::path> m_viewed; // the runs that it showed
    QThreadPool m_writer; // of one thread: the session's file is written there
    QThreadPool m_reporter; // of one thread, for reports: they take their time
    int m_reportsLeft = 0; // that are not written yet
    bool m_reportFailed = false; // one that ended while closing was asked about
    bool m_closesAfterReports = false;
    Theme m_theme;
    std::size_t m_nextRead = 0; // the run that readRuns() begins with: none starves
    int m_go = 0; // counts the user's turns from field to field: edits between two are one
    EpochEstimate* m_epochTime = nullptr;
    Guide* m_guide = nullptr;
};

} // namespace stair
