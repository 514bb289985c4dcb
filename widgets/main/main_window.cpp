#include "widgets/main/main_window.h"

#include "widgets/forms/experiment_editor.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/command_palette.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/guide.h"
#include "widgets/main/race_desk.h"
#include "widgets/main/run_desk.h"
#include "widgets/main/selection.h"
#include "widgets/main/system_colors.h"
#include "widgets/main/theme.h"
#include "widgets/main/undo_commands.h"
#include "widgets/models/epoch_estimate.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/panels/glyphs.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/panels/race_panel.h"
#include "widgets/panels/run_details.h"
#include "widgets/panels/run_list.h"
#include "widgets/panels/run_panel.h"

#include <QAbstractSpinBox>
#include <QAction>
#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QStatusBar>
#include <QThread>
#include <QTimer>
#include <QUndoStack>

#include <algorithm>

namespace stair {

using namespace std::chrono_literals;

namespace {

constexpr auto tickEvery = 40ms; // 25 Hz
constexpr auto slowTickEvery = 1s;
constexpr int undoLimit = 500;
constexpr auto saveAfter = 1s; // what is newer is lost in a crash
constexpr auto readBudget = 12ms; // a tick, for the runs that are shown

enum class Next
{
    Nothing,
    Pause,
    Resume,
    Continue
};

/// What the pause button would do to these runs.
Next nextStep(const std::vector<RunLog*>& runs)
{
    const auto any = [&](auto... states) {
        return std::ranges::any_of(runs, [=](const RunLog* run) {
            return run->asked().empty() && ((run->state() == states) || ...);
        });
    };
    if (any(RunState::Running))
        return Next::Pause;
    if (any(RunState::Paused))
        return Next::Resume;
    if (any(RunState::Stopped, RunState::Interrupted, RunState::Failed))
        return Next::Continue;
    return Next::Nothing;
}

} // namespace

MainWindow::MainWindow(const WindowSetup& setup, QWidget* parent)
    : QMainWindow(parent)
    , m_model(setup.runsFolder)
    , m_desk(new RunDesk(setup.launcher, m_model, this))
    , m_races(new RaceDesk(*m_desk, m_model, this))
    , m_selection(new Selection(this))
    , m_actions(new ActionRegistry(this))
    , m_undo(new QUndoStack(this))
    , m_systemColors(new SystemColors(this))
    , m_quantized(setup.quantized)
    , m_reference(setup.reference)
    , m_status(new QLabel)
    , m_saveTimer(new QTimer(this))
    , m_theme(Theme::System)
{
    setWindowTitle(tr("Staircase"));
    setWindowIcon(glyphIcon(Glyph::Application));
    setAcceptDrops(true);
    m_undo->setUndoLimit(undoLimit);
    createFileActions(setup.presets);
    createEditActions();
    createRunActions();
    createRaceActions();
    createPanels(setup.launcher.program());
    createLayoutActions();
    createRunsViewActions();
    createThemeActions();
    createAnalyseActions();
    createHelpActions();
    m_actions->fillMenus(menuBar(),
                         {tr("&File"), tr("&Edit"), tr("&Run"), tr("&Analyse"), tr("E&xport"),
                          tr("&View"), tr("&Help")});
    createCorner();
    m_palette = new CommandPalette(this);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->addWidget(m_status);
    m_model.rescan();
    m_model.poll(50ms);
    restoreWindow();
    wire();
    showSelection();
    restoreViews();
    m_editor->setFocus();
    m_guide->beginIfNew();
    startTimers();
    tickSlowly();
    saveSoon();
}

/// Last, when everything stands as it was: from here on changes are the user's.
void MainWindow::wire()
{
    connect(m_list, &RunList::selectionChanged, this, &MainWindow::showSelection);
    connect(m_list, &RunList::selectionChanged, this, &MainWindow::saveSoon);
    connect(m_list, &RunList::pauseRequested, m_pause, &QAction::trigger);
    connect(m_editor, &ExperimentEditor::changed, this, &MainWindow::updateActions);
    wirePanels();
    wireRace();
    connect(m_editor, &ExperimentEditor::edited, this,
            [this](const Json& before, const Json& after, const QString& what) {
                m_undo->push(new FormCommand(m_editor, before, after, what, m_go));
                saveSoon();
            });
    connect(m_undo, &QUndoStack::indexChanged, this, &MainWindow::saveSoon);
    connect(m_selection, &Selection::layerChanged, this, &MainWindow::saveSoon);
    connect(m_desk, &RunDesk::problem, this,
            [this](const QString& problem) { report(problem, QStringLiteral("runs")); });
    connect(&m_model, &RunListModel::problem, this,
            [this](const QString& problem) { report(problem); });
    connect(&m_model, &RunListModel::metaEdited, this,
            [this](const QString& folder, const RunMeta& before, const RunMeta& after) {
                m_undo->push(new MetaCommand(m_model, folder.toStdString(), before, after, m_go));
                m_selection->tick();
            });
    connect(m_details, &RunDetails::edited, this,
            [this](const QString& folder, const RunMeta& before, const RunMeta& after) {
                m_model.editMeta(m_model.indexOf(folder.toStdString()), before, after);
            });
    connect(m_frame, &DockFrame::layoutShown, this, &MainWindow::saveSoon);
    connect(m_frame, &DockFrame::arranged, this, &MainWindow::saveSoon);
    connect(m_panel->curves(), &CurvesPanel::choicesChanged, this, &MainWindow::saveSoon);
    connect(m_panel->curves(), &CurvesPanel::choicesEdited, this,
            [this](const Json& before, const Json& after) {
                m_undo->push(new PlotCommand(m_panel->curves(), before, after, m_go));
            });
    connect(qApp, &QApplication::focusChanged, this, [this] { ++m_go; });
    qApp->installEventFilter(this);
    m_writer.setMaxThreadCount(1);
    m_reporter.setMaxThreadCount(1);
    m_saveTimer->setSingleShot(true);
    m_saveTimer->setInterval(saveAfter);
    connect(m_saveTimer, &QTimer::timeout, this, &MainWindow::saveWindow);
}

MainWindow::~MainWindow()
{
    // The panels hold on to the model's runs, and the list and the docks tell of their end.
    m_list->disconnect(this);
    m_frame->disconnect(this);
    m_undo->disconnect(this);
    qApp->removeEventFilter(this);
    m_selection->setRuns({});
    delete takeCentralWidget();
}

/// Undo and the palette work in text fields too: the form's fields have no history of their own
/// then, and Ctrl+K does not cut the line.
bool MainWindow::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::ShortcutOverride)
        return false;
    const auto* widget = qobject_cast<QWidget*>(watched);
    const bool field
        = qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget);
    if (!field || widget->window() != this)
        return false;
    const QKeySequence keys(static_cast<QKeyEvent*>(event)->keyCombination());
    const auto is = [&](const char* id) {
        return m_actions->find(QLatin1String(id))->shortcut() == keys;
    };
    const bool history = m_editor->isAncestorOf(widget) && (is("edit.undo") || is("edit.redo"));
    if (!history && !is("view.palette"))
        return false;
    event->ignore();
    return true;
}

void MainWindow::startTimers()
{
    auto* timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, &MainWindow::tick);
    timer->start(tickEvery);
    auto* slow = new QTimer(this);
    connect(slow, &QTimer::timeout, this, &MainWindow::tickSlowly);
    slow->start(slowTickEvery);
}

void MainWindow::tick()
{
    if (!readRuns(followed(m_selection->runs())))
        return;
    if (m_race->isVisible())
        m_race->refresh();
    m_selection->tick();
    updateActions();
}

/// Reads what is new for about readBudget in all: of many runs some now, the others next time.
bool MainWindow::readRuns(const std::vector<RunLog*>& runs)
{
    const auto end = std::chrono::steady_clock::now() + readBudget;
    bool changed = false;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (i > 0 && left.count() <= 0)
            break;
        RunLog* run = runs[m_nextRead++ % runs.size()];
        if (run->poll(std::max(left / int(runs.size() - i), 1ms))) {
            m_model.touch(run);
            changed = true;
        }
    }
    return changed;
}

void MainWindow::tickSlowly()
{
    m_model.rescan();
    m_model.poll(20ms);
    m_desk->watch();
    watchRace();
    m_selection->tick();
    m_guide->look();
    updateActions();
    showStatus();
}

void MainWindow::showStatus()
{
    int active = 0;
    for (int row = 0; row < m_model.rowCount(); ++row)
        active += m_model.log(m_model.index(row))->isActive() ? 1 : 0;
    m_epochTime->setBusy(active > 0);
    m_status->setText(tr("%1 runs, %2 in training   %3 cores   %4")
                          .arg(m_model.rowCount())
                          .arg(active)
                          .arg(QThread::idealThreadCount())
                          .arg(QString::fromStdString(m_model.runsFolder().string())));
}

void MainWindow::showSelection()
{
    const std::vector<RunLog*> selected = m_list->selected();
    followed(selected);
    readRuns(selected);
    for (RunLog* run : selected) {
        run->checkWorker();
        m_model.touch(run);
    }
    m_selection->setRuns(selected);
    updateActions();
}

/// The runs whose curves are shown anywhere; series are kept of them, and of no others.
std::vector<RunLog*> MainWindow::followed(const std::vector<RunLog*>& selected) const
{
    std::vector<RunLog*> runs = selected;
    if (m_race->isVisible()) {
        for (RunLog* run : m_race->race().runs()) {
            if (std::ranges::find(runs, run) == runs.end())
                runs.push_back(run);
        }
    }
    for (int row = 0; row < m_model.rowCount(); ++row) {
        RunLog* run = m_model.log(m_model.index(row));
        const bool isFollowed = std::ranges::find(runs, run) != runs.end();
        run->setDepth(isFollowed ? RunLog::Depth::Curves : RunLog::Depth::Summary);
    }
    return runs;
}

/// An empty problem settles what the same source has reported, and nothing else.
void MainWindow::report(const QString& problem, const QString& source)
{
    if (problem.isEmpty() && source != m_problemSource)
        return;
    m_problemSource = source;
    m_problem->say(NoticeStrip::Kind::Error, problem);
    m_problem->setVisible(!problem.isEmpty());
}

void MainWindow::updateActions()
{
    const std::vector<RunLog*>& runs = m_selection->runs();
    m_start->setEnabled(m_editor->problem().isEmpty());
    m_actions->setTip(m_start,
                      m_editor->problem().isEmpty() ? tr("Starts the experiment in the form")
                                                    : m_editor->problem());
    const Next next = nextStep(runs);
    m_pause->setEnabled(next != Next::Nothing);
    m_pause->setText(next == Next::Resume         ? tr("Resume")
                         : next == Next::Continue ? tr("Continue")
                                                  : tr("Pause"));
    m_pause->setIcon(
        glyphIcon(next == Next::Resume || next == Next::Continue ? Glyph::Play : Glyph::Pause));
    m_actions->setTip(m_pause,
                      next == Next::Continue ? tr("Goes on from the last checkpoint")
                                             : tr("Acts on the selected runs"));
    m_stop->setEnabled(std::ranges::any_of(runs, [](const RunLog* run) {
        return run->state() == RunState::Running || run->state() == RunState::Paused;
    }));
    for (QAction* action : m_forOne)
        action->setEnabled(runs.size() == 1);
    for (QAction* action : m_forSome)
        action->setEnabled(!runs.empty());
}

} // namespace stair
