#include "core/exchange/export_formats.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/main_window.h"
#include "widgets/main/selection.h"
#include "widgets/models/report.h"
#include "widgets/panels/compare_panel.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/panels/export_panel.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/panels/run_panel.h"
#include "widgets/plot/line_plot.h"

#include <QAction>
#include <QFileDialog>

namespace stair {

namespace fs = std::filesystem;

void MainWindow::createAnalyseActions()
{
    struct Row
    {
        const char* dock;
        QString text;
        QString tip;
    };
    const Row rows[] = {
        {"lab", tr("Rounding lab"), tr("What estimators do, over a layer's live values")},
        {"histograms", tr("Histograms"), tr("Weights, activations and gradients, layer by layer")},
        {"map", tr("Layers × bits"), tr("The accuracy with each layer at each width")},
        {"layers", tr("Layer table"), tr("Each layer's widths, size and cost")},
        {"compare", tr("Comparison"), tr("Where two runs differ: settings, layers, images")},
    };
    for (const Row& row : rows) {
        const QString dock = QLatin1String(row.dock);
        m_actions->add({"analyse." + dock, row.text, "Analyse", {}, row.tip},
                       [this, dock] { m_frame->goToDock(dock); });
    }
    QAction* report = m_actions->add({"analyse.report",
                                      tr("Save report…"),
                                      "Analyse",
                                      {},
                                      tr("The selected runs as HTML or PDF: results, settings, "
                                         "figures, hashes"),
                                      1},
                                     [this] { saveReport(); });
    m_forSome.push_back(report);
    for (const ExportFormat& format : exportFormats()) {
        const QString id = QString::fromStdString(format.id);
        QAction* action = m_actions->add({"export." + id,
                                          QString::fromStdString(format.title),
                                          "Export",
                                          {},
                                          QString::fromStdString(format.help)},
                                         [this, format] {
                                             m_frame->showLayout("export");
                                             m_frame->showDock("export");
                                             m_export->choose(format.id);
                                         });
        m_forOne.push_back(action);
    }
    m_actions->add({"export.verify",
                    tr("Verify a file…"),
                    "Export",
                    {},
                    tr("Runs an exported model with the plain kernels and compares its integers; "
                       "of a C file, the tables and checksums"),
                    1},
                   [this] {
                       m_frame->showLayout("export");
                       m_frame->showDock("export");
                       m_export->browseToVerify();
                   });
}

/// What was drawn and what the logs say is taken here; files are read, hashed and laid out in the
/// background.
void MainWindow::saveReport()
{
    pick(
        tr("Save report"), tr("Reports (*.pdf *.html)"),
        [this](const fs::path& file) {
            const std::vector<const RunLog*> shown = m_selection->shown();
            std::vector<ReportFigure> figures;
            for (LinePlot* plot :
                 {m_panel->curves()->lossPlot(), m_panel->curves()->accuracyPlot()})
                figures.push_back({plot->picture(), plot->accessibleName()});
            const QString name = QString::fromStdString(file.string());
            const auto write = [this, name, figures, runs = reportRuns(shown),
                                comparison = m_compare->resultOf(shown)] {
                QString problem;
                try {
                    stair::saveReport(reportHtml(runs, figures, comparison), name);
                } catch (const std::exception& error) {
                    problem = QString::fromUtf8(error.what());
                }
                QMetaObject::invokeMethod(
                    this, [this, name, problem] { endReport(name, problem); },
                    Qt::QueuedConnection);
            };
            m_result->say(NoticeStrip::Kind::News,
                          tr("The report is being written to %1.").arg(name));
            m_result->show(); // it may have been closed
            ++m_reportsLeft;
            m_reporter.start(write);
        },
        Pick::NewFile, QStringLiteral("pdf"));
}

void MainWindow::endReport(const QString& name, const QString& problem)
{
    --m_reportsLeft;
    if (!problem.isEmpty()) {
        m_reportFailed = true;
        m_closesAfterReports = false;
        if (m_reportsLeft == 0)
            m_result->fallSilent();
        report(problem, QStringLiteral("report"));
        return;
    }
    report({}, QStringLiteral("report"));
    m_result->say(NoticeStrip::Kind::Result, tr("The report is written: %1").arg(name));
    m_result->show();
    if (m_closesAfterReports && m_reportsLeft == 0)
        close();
}

} // namespace stair
