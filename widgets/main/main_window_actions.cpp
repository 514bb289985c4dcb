#include "widgets/main/main_window.h"

#include "core/base/error.h"
#include "core/session/run_folder.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/run_desk.h"
#include "widgets/main/theme.h"
#include "widgets/panels/run_list.h"
#include "widgets/panels/run_panel.h"

#include <QActionGroup>
#include <QCloseEvent>
#include <QCoreApplication>
#include <QFileDialog>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>

namespace stair {

namespace fs = std::filesystem;

namespace {

constexpr const char* geometryKey = "window/geometry";
constexpr const char* splitterKey = "window/splitter";
constexpr const char* themeKey = "window/theme";
constexpr const char* formKey = "form/state";

} // namespace

void MainWindow::createMenus(const std::vector<ExperimentSpec>& presets)
{
    QMenu* file = menuBar()->addMenu(tr("&File"));
    if (m_quantized) {
        QMenu* fresh = file->addMenu(tr("New experiment"));
        fresh->addAction(tr("Default"), this, &MainWindow::loadDefault);
        for (const ExperimentSpec& preset : presets)
            fresh->addAction(QString::fromStdString(preset.name), this,
                             [this, preset] { m_editor->load(preset); });
    }
    file->addAction(tr("Open run…"), QKeySequence::Open, this, &MainWindow::browseForRun);
    file->addSeparator();
    file->addAction(tr("Quit"), QKeySequence::Quit, this, &QWidget::close);
    QMenu* run = menuBar()->addMenu(tr("&Run"));
    run->addActions({m_start, m_pause, m_stop});
    run->addSeparator();
    run->addAction(m_copy);
    createThemeMenu(menuBar()->addMenu(tr("&View"))->addMenu(tr("Colours")));
    menuBar()->addMenu(tr("&Help"))->addAction(tr("About Staircase"), this, &MainWindow::about);
}

void MainWindow::createThemeMenu(QMenu* menu)
{
    auto* group = new QActionGroup(this);
    const QStringList titles = {tr("As the system"), tr("Light"), tr("Dark")};
    for (const Theme theme : {Theme::System, Theme::Light, Theme::Dark}) {
        QAction* action
            = menu->addAction(titles[int(theme)], this, [this, theme] { setTheme(theme); });
        action->setCheckable(true);
        action->setData(int(theme));
        group->addAction(action);
    }
    const int saved = QSettings().value(QLatin1String(themeKey), int(Theme::System)).toInt();
    m_theme = Theme(std::clamp(saved, 0, 2));
    group->actions().at(int(m_theme))->setChecked(true);
    if (m_theme != Theme::System)
        applyTheme(m_theme);
}

void MainWindow::setTheme(Theme theme)
{
    m_theme = theme;
    applyTheme(theme);
    QSettings().setValue(QLatin1String(themeKey), int(theme));
}

void MainWindow::restoreWindow()
{
    const QSettings settings;
    restoreGeometry(settings.value(QLatin1String(geometryKey)).toByteArray());
    m_splitter->restoreState(settings.value(QLatin1String(splitterKey)).toByteArray());
    const QByteArray form = settings.value(QLatin1String(formKey)).toByteArray();
    try {
        if (form.isEmpty())
            loadDefault();
        else
            m_editor->restoreState(parseJson(form.toStdString(), "the saved form"));
    } catch (const std::exception&) { // of another version of the program
        loadDefault();
    }
    // What still trains is what one wants to see; else the newest run.
    std::vector<fs::path> shown;
    for (int row = 0; row < m_model.rowCount(); ++row) {
        const RunLog* run = m_model.log(m_model.index(row));
        if (run->isActive())
            shown.push_back(run->folder());
    }
    if (shown.empty() && m_model.rowCount() > 0)
        shown.push_back(m_model.log(m_model.index(0))->folder());
    m_list->select(shown);
}

void MainWindow::saveWindow() const
{
    QSettings settings;
    settings.setValue(QLatin1String(geometryKey), saveGeometry());
    settings.setValue(QLatin1String(splitterKey), m_splitter->saveState());
    const Json form = m_editor->saveState();
    if (!form.is_null())
        settings.setValue(QLatin1String(formKey), QByteArray::fromStdString(form.dump()));
}

void MainWindow::loadDefault()
{
    if (m_quantized && m_reference)
        m_editor->loadPair(*m_quantized, *m_reference);
    else if (m_quantized)
        m_editor->load(*m_quantized);
}

void MainWindow::start()
{
    try {
        m_list->select(m_desk->start(m_editor->specs()));
    } catch (const Error& error) {
        m_panel->report(QString::fromUtf8(error.what()));
    }
}

void MainWindow::pauseOrResume()
{
    // One press does one thing to all of them: the action's words say which.
    const QString words = m_pause->text();
    for (RunLog* run : std::vector(m_shown)) {
        const RunState state = run->state();
        if (words == tr("Pause") && state == RunState::Running)
            m_desk->command(*run, "pause");
        else if (words == tr("Resume") && state == RunState::Paused)
            m_desk->command(*run, "resume");
        else if (words == tr("Continue") && !run->isActive() && state != RunState::Finished
                 && state != RunState::Unreadable)
            m_desk->continueRun(*run);
    }
    m_panel->refresh();
    updateActions();
}

void MainWindow::stop()
{
    for (RunLog* run : m_shown) {
        if (run->isActive())
            m_desk->command(*run, "stop");
    }
    m_panel->refresh();
    updateActions();
}

void MainWindow::browseForRun()
{
    auto* dialog = new QFileDialog(this, tr("Open the folder of a run"),
                                   QString::fromStdString(m_model.runsFolder().string()));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString& path) { openRun(path.toStdString()); });
    dialog->open();
}

void MainWindow::openRuns(const std::vector<fs::path>& paths)
{
    std::vector<fs::path> folders;
    QStringList problems;
    for (const fs::path& path : paths) {
        std::error_code none;
        const fs::path folder = fs::is_regular_file(path, none) ? path.parent_path() : path;
        try {
            m_model.addFolder(folder);
            folders.push_back(folder);
        } catch (const std::exception& error) {
            problems += QString::fromUtf8(error.what());
        }
    }
    m_panel->report(problems.join(QLatin1Char('\n')));
    m_list->select(folders);
}

void MainWindow::copySettings()
{
    try {
        m_editor->load(RunFolder::open(m_shown.front()->folder()).spec());
    } catch (const std::exception& error) {
        m_panel->report(QString::fromUtf8(error.what()));
    }
}

void MainWindow::about()
{
    QMessageBox::about(this, tr("About Staircase"),
                       tr("<p><b>Staircase %1</b></p><p>A workbench for quantization experiments: "
                          "what you train is what you ship.</p><p>GPL-3.0-or-later. Uses Qt, "
                          "QCustomPlot, oneDNN, Eigen and Highway.</p>")
                           .arg(QCoreApplication::applicationVersion()));
}

bool MainWindow::confirmClose()
{
    const std::vector<RunLog*> active = m_desk->ownActive();
    if (active.empty())
        return true;
    QMessageBox box(QMessageBox::Question, tr("Staircase"),
                    active.size() == 1 ? tr("A run is still training.")
                                       : tr("%1 runs are still training.").arg(active.size()),
                    QMessageBox::NoButton, this);
    box.setInformativeText(tr("Training does not need the window: open Staircase again to see how "
                              "far it got. Stopping stores a checkpoint to continue from."));
    QPushButton* keep = box.addButton(tr("Keep it running"), QMessageBox::AcceptRole);
    QPushButton* halt = box.addButton(tr("Stop it"), QMessageBox::DestructiveRole);
    box.addButton(QMessageBox::Cancel);
    box.setDefaultButton(keep);
    box.exec();
    if (box.clickedButton() == halt) {
        for (RunLog* run : m_desk->ownActive())
            m_desk->command(*run, "stop");
    }
    return box.clickedButton() == keep || box.clickedButton() == halt;
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!confirmClose()) {
        event->ignore();
        return;
    }
    saveWindow();
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    std::vector<fs::path> paths;
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            paths.push_back(url.toLocalFile().toStdString());
    }
    openRuns(paths);
    event->acceptProposedAction();
}

} // namespace stair
