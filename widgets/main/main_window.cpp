#include "widgets/main/main_window.h"

#include "core/base/error.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/run_desk.h"
#include "widgets/main/theme.h"
#include "widgets/panels/glyphs.h"
#include "widgets/panels/run_list.h"
#include "widgets/panels/run_panel.h"

#include <QAction>
#include <QSettings>
#include <QSplitter>
#include <QTimer>

#include <algorithm>

namespace stair {

using namespace std::chrono_literals;

namespace {

constexpr auto tickEvery = 40ms; // 25 Hz
constexpr auto slowTickEvery = 1s;
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
    , m_quantized(setup.quantized)
    , m_reference(setup.reference)
    , m_theme(Theme::System)
{
    setWindowTitle(tr("Staircase"));
    setWindowIcon(glyphIcon(Glyph::Application));
    setAcceptDrops(true);
    createActions();
    createLayout();
    createMenus(setup.presets);
    connect(m_list, &RunList::selectionChanged, this, &MainWindow::showSelection);
    connect(m_editor, &ExperimentEditor::changed, this, &MainWindow::updateActions);
    connect(m_desk, &RunDesk::problem, m_panel, &RunPanel::report);
    m_model.rescan();
    m_model.poll(50ms);
    restoreWindow();
    m_editor->setFocus();
    updateActions();
    startTimers();
}

MainWindow::~MainWindow()
{
    // The panels hold on to the model's runs, and the list tells of its end.
    m_list->disconnect(this);
    m_panel->setRuns({});
    delete takeCentralWidget();
}

void MainWindow::createActions()
{
    m_start = new QAction(glyphIcon(Glyph::Play), tr("Start training"), this);
    m_start->setShortcut(Qt::CTRL | Qt::Key_Return);
    connect(m_start, &QAction::triggered, this, &MainWindow::start);
    m_pause = new QAction(glyphIcon(Glyph::Pause), tr("Pause"), this);
    m_pause->setShortcut(Qt::CTRL | Qt::Key_Space);
    connect(m_pause, &QAction::triggered, this, &MainWindow::pauseOrResume);
    m_stop = new QAction(glyphIcon(Glyph::Stop), tr("Stop"), this);
    m_stop->setToolTip(tr("Stops the runs shown here after a checkpoint; they can be continued"));
    connect(m_stop, &QAction::triggered, this, &MainWindow::stop);
    m_copy = new QAction(tr("Copy settings to the form"), this);
    m_copy->setShortcut(Qt::CTRL | Qt::Key_D);
    connect(m_copy, &QAction::triggered, this, &MainWindow::copySettings);
}

void MainWindow::createLayout()
{
    m_list = new RunList(m_model);
    m_editor = new ExperimentEditor(m_start);
    m_panel = new RunPanel(m_pause, m_stop);
    m_splitter = new QSplitter;
    m_splitter->addWidget(m_list);
    m_splitter->addWidget(m_editor);
    m_splitter->addWidget(m_panel);
    m_splitter->setStretchFactor(2, 1);
    m_splitter->setSizes({230, 350, 700});
    m_splitter->setChildrenCollapsible(false);
    setCentralWidget(m_splitter);
    resize(1280, 800);
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
    bool changed = false;
    for (RunLog* run : m_shown) {
        if (run->poll(readBudget / int(m_shown.size()))) {
            m_model.touch(run);
            changed = true;
        }
    }
    if (!changed)
        return;
    m_panel->refresh();
    updateActions();
}

void MainWindow::tickSlowly()
{
    m_model.rescan();
    m_model.poll(20ms);
    m_desk->watch();
    m_panel->refresh();
    updateActions();
}

void MainWindow::showSelection()
{
    const std::vector<RunLog*> selected = m_list->selected();
    for (RunLog* run : m_shown) {
        if (std::ranges::find(selected, run) == selected.end())
            run->setDepth(RunLog::Depth::Summary);
    }
    m_shown = selected;
    std::vector<const RunLog*> runs;
    for (RunLog* run : m_shown) {
        run->setDepth(RunLog::Depth::Curves);
        run->poll(readBudget);
        run->checkWorker();
        m_model.touch(run);
        runs.push_back(run);
    }
    m_panel->setRuns(runs);
    updateActions();
}

void MainWindow::updateActions()
{
    m_start->setEnabled(m_editor->problem().isEmpty());
    m_start->setToolTip(m_editor->problem().isEmpty()
                            ? tr("Starts the experiment in the form (Ctrl+Return)")
                            : m_editor->problem());
    const Next next = nextStep(m_shown);
    m_pause->setEnabled(next != Next::Nothing);
    m_pause->setText(next == Next::Resume         ? tr("Resume")
                         : next == Next::Continue ? tr("Continue")
                                                  : tr("Pause"));
    m_pause->setIcon(
        glyphIcon(next == Next::Resume || next == Next::Continue ? Glyph::Play : Glyph::Pause));
    m_pause->setToolTip(next == Next::Continue ? tr("Goes on from the last checkpoint (Ctrl+Space)")
                                               : tr("Acts on the runs shown here (Ctrl+Space)"));
    m_stop->setEnabled(std::ranges::any_of(m_shown, [](const RunLog* run) {
        return run->state() == RunState::Running || run->state() == RunState::Paused;
    }));
    m_copy->setEnabled(m_shown.size() == 1);
}

} // namespace stair
