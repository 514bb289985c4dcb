#include "widgets/forms/experiment_editor.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/main_window.h"
#include "widgets/main/selection.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/panels/run_details.h"
#include "widgets/panels/run_list.h"
#include "widgets/panels/run_panel.h"

#include <QVBoxLayout>

namespace stair {

namespace {

std::vector<LayoutRow> layoutTable()
{
    return {
        {"setup", MainWindow::tr("Set up"), {230, 350, 700}},
        {"train", MainWindow::tr("Train"), {240, 800, 240}},
        {"compare", MainWindow::tr("Compare"), {300, 980}},
        {"export", MainWindow::tr("Export"), {300, 700, 280}},
    };
}

} // namespace

// To add a panel: a line here with its id, title, maker and places. A panel that has
// setRuns(runs) and refresh() follows the selected runs: follow(new Panel, *m_selection).
void MainWindow::createPanels()
{
    m_list = new RunList(m_model);
    m_editor = new ExperimentEditor(m_start);
    m_panel = follow(new RunPanel(m_pause, m_stop), *m_selection);
    m_details = follow(new RunDetails, *m_selection);
    const std::vector<DockRow> docks = {
        {"runs",
         tr("Runs"),
         [this] { return m_list; },
         {{"setup", 0}, {"train", 0}, {"compare", 0}, {"export", 0}}},
        {"form", tr("Experiment"), [this] { return m_editor; }, {{"setup", 1}}},
        {"curves",
         tr("Curves"),
         [this] { return m_panel; },
         {{"setup", 2}, {"train", 1}, {"compare", 1}, {"export", 1}}},
        {"details", tr("Run"), [this] { return m_details; }, {{"train", 2}, {"export", 2}}},
    };
    auto* centre = new QWidget;
    m_problem = new NoticeStrip;
    m_problem->setObjectName(QStringLiteral("problem"));
    m_problem->setClosable(true);
    m_frame = new DockFrame(docks, layoutTable());
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_problem);
    layout->addWidget(m_frame, 1);
    setCentralWidget(centre);
    resize(1280, 800);
}

} // namespace stair
