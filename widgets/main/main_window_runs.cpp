#include "widgets/main/main_window.h"

#include "core/base/error.h"
#include "core/session/run_folder.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/guide.h"
#include "widgets/main/run_desk.h"
#include "widgets/main/selection.h"
#include "widgets/main/undo_commands.h"
#include "widgets/models/epoch_estimate.h"
#include "widgets/panels/glyphs.h"
#include "widgets/panels/run_details.h"
#include "widgets/panels/run_list.h"

#include <QAction>
#include <QDesktopServices>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QUndoStack>
#include <QUrl>

#include <algorithm>

namespace stair {

namespace fs = std::filesystem;

namespace {

/// "best" or "step 390".
QString checkpointTitle(const fs::path& file)
{
    const QString name = QString::fromStdString(file.stem().string());
    bool isStep = false;
    const int step = name.section(QLatin1Char('-'), 1).toInt(&isStep);
    return isStep ? MainWindow::tr("step %1").arg(step) : MainWindow::tr("the best step");
}

} // namespace

void MainWindow::createRunActions()
{
    const auto add = [this](const ActionRow& row, void (MainWindow::*run)()) {
        return m_actions->add(row, [this, run] { (this->*run)(); });
    };
    m_start = add({"run.start", tr("Start training"), "Run", Qt::CTRL | Qt::Key_Return},
                  &MainWindow::start);
    m_start->setIcon(glyphIcon(Glyph::Play));
    m_pause = add({"run.pause", tr("Pause"), "Run", Qt::CTRL | Qt::Key_Space},
                  &MainWindow::pauseOrResume);
    m_pause->setIcon(glyphIcon(Glyph::Pause));
    m_stop = add({"run.stop",
                  tr("Stop"),
                  "Run",
                  {},
                  tr("Stops the selected runs after a checkpoint; they can be continued")},
                 &MainWindow::stop);
    m_stop->setIcon(glyphIcon(Glyph::Stop));
    m_forOne = {
        add({"run.duplicate", tr("Duplicate into the form"), "Run", Qt::CTRL | Qt::Key_D,
             tr("Fills the form with the settings of the selected run"), 1},
            &MainWindow::copySettings),
        add({"run.fork", tr("Fork from a checkpoint…"), "Run", Qt::CTRL | Qt::SHIFT | Qt::Key_F,
             tr("Fills the form with the run's settings, to start from its weights at a step"), 1},
            &MainWindow::chooseCheckpoint),
        add({"run.rename", tr("Rename"), "Run", Qt::Key_F2, {}, 2}, &MainWindow::renameRun),
        m_actions->add({"run.notes",
                        tr("Edit tags and notes"),
                        "Run",
                        Qt::CTRL | Qt::SHIFT | Qt::Key_N,
                        {},
                        2},
                       [this] {
                           m_frame->showDock("details");
                           m_details->editNotes();
                       })};
    m_forSome = {add({"run.star", tr("Star"), "Run", Qt::CTRL | Qt::Key_B,
                      tr("Stars the selected runs, or takes their stars off"), 2},
                     &MainWindow::toggleStar),
                 add({"run.folder", tr("Open folder"), "Run", {}, tr("Shows the run's files"), 3},
                     &MainWindow::openFolders),
                 add({"run.delete", tr("Delete…"), "Run", Qt::Key_Delete,
                      tr("Moves the selected runs to the trash; Undo brings them back"), 3},
                     &MainWindow::deleteRuns)};
}

void MainWindow::start()
{
    try {
        m_epochTime->setBusy(true);
        const std::vector<fs::path> started = m_desk->start(m_editor->specs());
        m_list->select(started);
        m_guide->started(started);
    } catch (const Error& error) {
        report(QString::fromUtf8(error.what()));
    }
}

void MainWindow::pauseOrResume()
{
    // One press does one thing to all of them: the action's words say which.
    const QString words = m_pause->text();
    for (RunLog* run : std::vector(m_selection->runs())) {
        const RunState state = run->state();
        if (words == tr("Pause") && state == RunState::Running)
            m_desk->command(*run, "pause");
        else if (words == tr("Resume") && state == RunState::Paused)
            m_desk->command(*run, "resume");
        else if (words == tr("Continue") && !run->isActive() && state != RunState::Finished
                 && state != RunState::Unreadable)
            m_desk->continueRun(*run);
    }
    m_selection->tick();
    updateActions();
}

void MainWindow::stop()
{
    for (RunLog* run : m_selection->runs()) {
        if (run->isActive())
            m_desk->command(*run, "stop");
    }
    m_selection->tick();
    updateActions();
}

void MainWindow::copySettings()
{
    const RunLog& run = *m_selection->runs().front();
    try {
        m_editor->load(RunFolder::open(run.folder()).spec(),
                       tr("duplication of %1").arg(run.identity().name));
        m_frame->showDock("form");
    } catch (const std::exception& error) {
        report(QString::fromUtf8(error.what()));
    }
}

/// The run's checkpoints as a menu.
void MainWindow::chooseCheckpoint()
{
    const fs::path folder = m_selection->runs().front()->folder();
    std::vector<fs::path> files;
    try {
        const RunFolder run = RunFolder::open(folder);
        files = run.checkpoints();
        std::ranges::reverse(files);
        std::error_code failure;
        if (fs::exists(run.bestCheckpoint(), failure))
            files.insert(files.begin(), run.bestCheckpoint());
    } catch (const std::exception& error) {
        report(QString::fromUtf8(error.what()));
        return;
    }
    if (files.empty()) {
        report(tr("[fork] %1 has no checkpoint yet; let it train until the end of an epoch")
                   .arg(m_selection->runs().front()->identity().name));
        return;
    }
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("checkpoints"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const fs::path& file : files)
        menu->addAction(checkpointTitle(file), this, [this, folder, file] { fork(folder, file); });
    menu->popup(m_list->mapToGlobal(QPoint(40, 60)));
    menu->setActiveAction(menu->actions().front());
}

void MainWindow::fork(const fs::path& run, const fs::path& checkpoint)
{
    try {
        ExperimentSpec spec = RunFolder::open(run).spec();
        const QString name = tr("%1 from %2")
                                 .arg(QString::fromStdString(
                                          spec.name.empty() ? run.filename().string() : spec.name),
                                      checkpointTitle(checkpoint));
        spec.training.from = checkpoint.string();
        spec.name = name.toStdString();
        m_editor->load(spec, tr("fork of %1").arg(name));
        m_frame->showDock("form");
    } catch (const std::exception& error) {
        report(QString::fromUtf8(error.what()));
    }
}

void MainWindow::renameRun()
{
    m_frame->showDock("runs");
    m_list->rename();
}

/// Stars all, or takes the stars off where all have one.
void MainWindow::toggleStar()
{
    const QModelIndexList rows = m_list->selectedRows();
    const bool all = std::ranges::all_of(
        rows, [](const QModelIndex& row) { return row.data(RunListModel::StarRole).toBool(); });
    m_undo->beginMacro(all ? tr("taking off stars") : tr("starring"));
    for (const QModelIndex& row : rows)
        m_model.setData(row, !all, RunListModel::StarRole);
    m_undo->endMacro();
}

void MainWindow::openFolders()
{
    for (const RunLog* run : m_selection->runs())
        QDesktopServices::openUrl(
            QUrl::fromLocalFile(QString::fromStdString(run->folder().string())));
}

void MainWindow::deleteRuns()
{
    std::vector<fs::path> folders;
    QStringList names;
    for (const RunLog* run : m_selection->runs()) {
        if (run->isActive()) {
            report(tr("[runs] %1 is in training; stop it before it is deleted")
                       .arg(run->identity().name));
            return;
        }
        folders.push_back(run->folder());
        names += run->identity().name;
    }
    auto* box
        = new QMessageBox(QMessageBox::Question, tr("Delete"),
                          names.size() == 1 ? tr("Move the run %1 to the trash?").arg(names.front())
                                            : tr("Move %1 runs to the trash?").arg(names.size()),
                          QMessageBox::Cancel, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr("Their checkpoints and logs go with them. Undo brings them back as "
                               "long as the trash is not emptied."));
    QPushButton* move = box->addButton(tr("Move to trash"), QMessageBox::DestructiveRole);
    connect(move, &QPushButton::clicked, this, [this, folders, names] {
        const QString what = names.size() == 1 ? tr("deletion of %1").arg(names.front())
                                               : tr("deletion of %1 runs").arg(names.size());
        m_undo->push(new DeleteCommand(m_model, folders, what));
    });
    box->open();
}

} // namespace stair
