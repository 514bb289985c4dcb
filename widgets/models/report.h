#pragma once

#include "core/base/json.h"
#include "widgets/models/run_log.h"

#include <QImage>
#include <QString>

#include <vector>

namespace stair {

/// A picture in a report, with the line under it.
struct ReportFigure
{
    QImage image;
    QString caption;
};

/// One or several runs on paper: results, settings and what differs, environment, hashes, figures.
/// Self-contained HTML (figures are inside it). `comparison`: what `stair compare` found for the
/// first two; null: none. Reads the runs' folders; what is missing there is left out.
QString reportHtml(const std::vector<const RunLog*>& runs, const std::vector<ReportFigure>& figures,
                   const Json& comparison);

/// Writes it as HTML, or as PDF (A4) when the name ends so. Nothing half-written stays. Throws Error
/// when it cannot be written.
void saveReport(const QString& html, const QString& file);

} // namespace stair
