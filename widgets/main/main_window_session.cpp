#include "widgets/main/main_window.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/kept_view.h"
#include "widgets/main/run_desk.h"
#include "widgets/main/selection.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/panels/run_list.h"
#include "widgets/panels/run_panel.h"

#include <QCloseEvent>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QTimer>

#include <algorithm>

namespace stair {

namespace fs = std::filesystem;

namespace {

constexpr const char* geometryKey = "window/geometry";
constexpr const char* layoutsKey = "window/layouts";
constexpr int sessionSchema = 1;

} // namespace

/// What belongs to the workspace lies in it; what belongs to the user, in the settings.
fs::path MainWindow::sessionFile() const
{
    return m_model.runsFolder().parent_path() / "window.json";
}

void MainWindow::restoreWindow()
{
    const QSettings settings;
    restoreGeometry(settings.value(QLatin1String(geometryKey)).toByteArray());
    try {
        const QByteArray layouts = settings.value(QLatin1String(layoutsKey)).toByteArray();
        if (!layouts.isEmpty())
            m_frame->restoreLayouts(parseJson(layouts.toStdString(), "the saved layouts"));
    } catch (const std::exception&) { // of another version of the program: as they come
    }
    loadDefault();
    restoreSession();
    if (!m_list->selectedRows().isEmpty())
        return;
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

/// Form and runs as they were a second before the last window ended, however it ended.
void MainWindow::restoreSession()
{
    std::error_code none;
    if (!fs::exists(sessionFile(), none))
        return;
    try {
        const Json session = readJsonFile(sessionFile());
        if (session.at("window") != sessionSchema)
            return;
        std::vector<fs::path> runs;
        for (const Json& run : session.at("runs"))
            runs.push_back(run.get<std::string>());
        for (const fs::path& run : runs) {
            if (fs::exists(run / "spec.json", none))
                m_model.addFolder(run);
        }
        m_list->select(runs);
        m_list->proxy().setSort(RunSort(session.at("sort").get<int>()));
        m_list->proxy().setGroup(RunGroup(session.at("group").get<int>()));
        m_editor->setState(session.at("form"));
        m_panel->curves()->setChoices(session.at("curves"));
        // What older versions of the program do not write comes last.
        if (session.contains("layer"))
            m_selection->setLayer(QString::fromStdString(session.at("layer").get<std::string>()));
        if (session.contains("views"))
            m_views = session.at("views");
        m_viewed = std::move(runs);
    } catch (const std::exception&) { // of another version of the program: the default stands
    }
}

/// When the runs are shown: that makes plots live. Other runs than the last session's are not shown
/// by its zooms.
void MainWindow::restoreViews()
{
    std::vector<fs::path> shown;
    for (const RunLog* run : m_selection->runs())
        shown.push_back(run->folder());
    std::ranges::sort(shown);
    std::ranges::sort(m_viewed);
    const bool isSame = shown == m_viewed;
    for (const Panel& panel : m_panels) {
        try {
            if (const std::string id = panel.id.toStdString(); m_views.contains(id))
                restoreView(*panel.widget, m_views.at(id), isSame);
        } catch (const std::exception&) { // as above
        }
    }
    m_views = Json();
    m_viewed.clear();
    for (const Panel& panel : m_panels)
        watchView(*panel.widget, this, [this] { saveSoon(); });
}

void MainWindow::saveSoon()
{
    if (!m_saveTimer->isActive())
        m_saveTimer->start();
}

void MainWindow::saveWindow()
{
    m_saveTimer->stop();
    QSettings settings;
    settings.setValue(QLatin1String(geometryKey), saveGeometry());
    settings.setValue(QLatin1String(layoutsKey),
                      QByteArray::fromStdString(m_frame->saveLayouts().dump()));
    Json runs = Json::array();
    for (const RunLog* run : m_selection->runs())
        runs.push_back(run->folder().string());
    Json views = Json::object();
    for (const Panel& panel : m_panels)
        views[panel.id.toStdString()] = keptView(*panel.widget);
    const Json session = {{"window", sessionSchema},
                          {"runs", std::move(runs)},
                          {"sort", int(m_list->proxy().sortedBy())},
                          {"group", int(m_list->proxy().group())},
                          {"form", m_editor->state()},
                          {"curves", m_panel->curves()->choices()},
                          {"layer", m_selection->layer().toStdString()},
                          {"views", std::move(views)}};
    m_writer.clear(); // a newer state makes up for one that still waits
    m_writer.start([this, file = sessionFile(), text = session.dump(2) + "\n"] {
        QString problem;
        try {
            makeWritableFolder(file.parent_path());
            writeFileAtomically(file, text);
        } catch (const std::exception& error) {
            problem = tr("The window's state is not kept: %1").arg(QString::fromUtf8(error.what()));
        }
        QMetaObject::invokeMethod(
            this, [this, problem] { report(problem, QStringLiteral("session")); },
            Qt::QueuedConnection);
    });
}

void MainWindow::loadDefault()
{
    if (m_quantized && m_reference)
        m_editor->loadPair(*m_quantized, *m_reference, tr("loading of the default"));
    else if (m_quantized)
        m_editor->load(*m_quantized, tr("loading of the default"));
}

/// A report is finished first, while the window goes on working; it closes by itself then. One that
/// fails keeps it open.
bool MainWindow::confirmReports()
{
    m_closesAfterReports = m_reportFailed = false;
    if (m_reportsLeft == 0)
        return true;
    QMessageBox box(QMessageBox::Question, tr("Staircase"), tr("A report is still being written."),
                    QMessageBox::NoButton, this);
    box.setInformativeText(tr("The window can close by itself when the report is written."));
    QPushButton* wait = box.addButton(tr("Close when it is written"), QMessageBox::AcceptRole);
    box.addButton(QMessageBox::Cancel);
    box.setDefaultButton(wait);
    box.exec();
    if (box.clickedButton() != wait)
        return false;
    m_closesAfterReports = m_reportsLeft > 0;
    return m_reportsLeft == 0 && !m_reportFailed;
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
    if (!confirmReports() || !confirmClose()) {
        event->ignore();
        return;
    }
    saveWindow();
    m_writer.waitForDone();
    event->accept();
}

} // namespace stair
