#pragma once

#include "core/base/json.h"
#include "widgets/models/run_log.h"

#include <QImage>
#include <QString>

#include <filesystem>
#include <vector>

namespace stair {

/// A picture in a report, with the line under it.
struct ReportFigure
{
    QImage image;
    QString caption;
};

/// What a report takes from a run's log, as values: the rest it reads from the folder.
struct ReportRun
{
    std::filesystem::path folder;
    RunIdentity identity;
    RunState state;
    RunProgress progress;
};

std::vector<ReportRun> reportRuns(const std::vector<const RunLog*>& runs);

/// One or several runs on paper: results, settings and what differs, environment, hashes, figures.
/// Self-contained HTML (figures are inside it). `comparison`: what `stair compare` found for the
/// first two; null: none. Reads and hashes the runs' files, which takes its time: on any thread.
QString reportHtml(const std::vector<ReportRun>& runs, const std::vector<ReportFigure>& figures,
                   const Json& comparison);

/// Writes it as HTML, or as PDF (A4) when the name ends so, on any thread. Nothing half-written
/// stays. Throws Error when it cannot be written.
void saveReport(const QString& html, const QString& file);

} // namespace stair
