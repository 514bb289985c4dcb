#include "widgets/models/report.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/session/run_folder.h"
#include "core/session/spec_difference.h"
#include "widgets/models/run_text.h"

#include <QBuffer>
#include <QDateTime>
#include <QPageLayout>
#include <QPdfWriter>
#include <QTextDocument>

namespace stair {

namespace {

constexpr int figureWidth = 640; // px on the page
constexpr std::size_t mostFlipped = 20;

QString escaped(const std::string& text)
{
    return QString::fromStdString(text).toHtmlEscaped();
}

QString heading(const QString& text)
{
    return QStringLiteral("<h2>%1</h2>\n").arg(text.toHtmlEscaped());
}

/// The first row is the header; cells are HTML.
QString table(const std::vector<QStringList>& rows)
{
    QString html = QStringLiteral("<table border=\"1\" cellspacing=\"0\" cellpadding=\"3\">\n");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const QString tag = i == 0 ? QStringLiteral("th") : QStringLiteral("td");
        html += QStringLiteral("<tr>");
        for (const QString& cell : rows[i])
            html += QStringLiteral("<%1 align=\"left\">%2</%1>").arg(tag, cell);
        html += QStringLiteral("</tr>\n");
    }
    return html + QStringLiteral("</table>\n");
}

QString shareText(const std::optional<double>& share)
{
    return share ? percentText(*share) : QStringLiteral("–");
}

QString results(const std::vector<ReportRun>& runs)
{
    std::vector<QStringList> rows
        = {{QObject::tr("Run"), QObject::tr("Method"), QObject::tr("State"), QObject::tr("Steps"),
            QObject::tr("Best at step"), QObject::tr("Test top-1"), QObject::tr("Validation"),
            QObject::tr("Computed by")}};
    for (const ReportRun& run : runs) {
        QStringList row
            = {run.identity.name.toHtmlEscaped(), methodText(run.identity).toHtmlEscaped(),
               stateText(run.state), countText(run.progress.step)};
        const std::optional<EvaluationPoint>& best = run.progress.best;
        if (!best) {
            row += {QStringLiteral("–"), QStringLiteral("–"), QStringLiteral("–"),
                    QStringLiteral("–")};
        } else {
            row += {countText(best->step), percentText(best->test), shareText(best->validation),
                    best->proved ? QObject::tr("integers: the shipped program")
                                 : QObject::tr("float, wholly or in part")};
        }
        rows.push_back(row);
    }
    return heading(QObject::tr("Results")) + table(rows);
}

QString differences(const Json& first, const Json& second)
{
    std::vector<QStringList> rows
        = {{QObject::tr("Setting"), QObject::tr("First"), QObject::tr("Second")}};
    for (const SpecDifference& d : specDifferences(first, second))
        rows.push_back({escaped(d.key), escaped(d.first), escaped(d.second)});
    return heading(QObject::tr("What differs between the first two"))
        + (rows.size() > 1 ? table(rows)
                           : QStringLiteral("<p>%1</p>\n").arg(QObject::tr("No setting.")));
}

QString comparisonPart(const Json& comparison)
{
    const double images = comparison.at("first").at("images").get<double>();
    const Json& flipped = comparison.at("flipped");
    QString html = heading(QObject::tr("Side by side"));
    html += QStringLiteral("<p>%1</p>\n")
                .arg(QObject::tr("On %1 test images, by the last checkpoints: first %2, second %3; %4 told differently.")
                         .arg(images)
                         .arg(percentText(comparison.at("first").at("top1").get<double>()),
                              percentText(comparison.at("second").at("top1").get<double>()))
                         .arg(flipped.size()));
    std::vector<QStringList> rows
        = {{QObject::tr("Layer's result"), QObject::tr("SQNR, dB"), QObject::tr("Cosine")}};
    for (const Json& value : comparison.at("values")) {
        const Json& sqnr = value.at("sqnr_db");
        rows.push_back(
            {escaped(value.at("name").get<std::string>()),
             sqnr.is_null() ? QObject::tr("equal") : QString::number(sqnr.get<double>(), 'f', 1),
             QString::number(value.at("cosine").get<double>(), 'f', 4)});
    }
    html += table(rows);
    if (flipped.empty())
        return html;
    const Json& classes = comparison.at("classes");
    const auto className = [&](const Json& c) {
        return c.get<std::size_t>() < classes.size()
            ? escaped(classes.at(c.get<std::size_t>()).get<std::string>())
            : QString::number(c.get<int>());
    };
    rows = {{QObject::tr("Image"), QObject::tr("Is"), QObject::tr("First says"),
             QObject::tr("Second says"), QObject::tr("They part at")}};
    for (std::size_t i = 0; i < std::min(mostFlipped, flipped.size()); ++i) {
        const Json& sample = flipped.at(i);
        rows.push_back({QString::number(sample.at("image").get<int>()),
                        className(sample.at("label")), className(sample.at("first")),
                        className(sample.at("second")),
                        escaped(sample.at("parts_at").get<std::string>())});
    }
    html += QStringLiteral("<p>%1</p>\n")
                .arg(QObject::tr("The first %1 of the images told differently:")
                         .arg(rows.size() - 1));
    return html + table(rows);
}

QString figuresPart(const std::vector<ReportFigure>& figures)
{
    QString html;
    for (const ReportFigure& figure : figures) {
        QByteArray png;
        QBuffer buffer(&png);
        figure.image.save(&buffer, "PNG");
        html += QStringLiteral("<p><img width=\"%1\" src=\"data:image/png;base64,%2\"><br>%3</p>\n")
                    .arg(figureWidth)
                    .arg(QString::fromLatin1(png.toBase64()), figure.caption.toHtmlEscaped());
    }
    return html.isEmpty() ? html : heading(QObject::tr("Curves")) + html;
}

/// Settings, machine and hashes of one run: enough to repeat and to recognise it.
QString runPart(const ReportRun& run)
{
    QString html = heading(run.identity.name);
    const RunFolder folder = RunFolder::open(run.folder);
    std::vector<QStringList> rows = {{QObject::tr("File"), QStringLiteral("SHA-256")}};
    rows.push_back({QStringLiteral("spec.json"), escaped(sha256OfFile(folder.specFile()))});
    std::vector<std::filesystem::path> checkpoints = folder.checkpoints();
    if (checkpoints.size() > 1)
        checkpoints.erase(checkpoints.begin(), checkpoints.end() - 1); // the last
    if (std::filesystem::exists(folder.bestCheckpoint()))
        checkpoints.push_back(folder.bestCheckpoint());
    for (const auto& file : checkpoints)
        rows.push_back({escaped(file.filename().string()), escaped(sha256OfFile(file))});
    html += table(rows);
    std::string environment;
    if (std::filesystem::exists(folder.environmentFile()))
        environment = readFile(folder.environmentFile());
    for (const auto& [title, text] :
         {std::pair(QObject::tr("Settings"), folder.spec().toJson().dump(2)),
          std::pair(QObject::tr("Environment"), environment)})
        if (!text.empty())
            html += QStringLiteral("<h3>%1</h3>\n<pre>%2</pre>\n").arg(title, escaped(text));
    return html;
}

} // namespace

std::vector<ReportRun> reportRuns(const std::vector<const RunLog*>& runs)
{
    std::vector<ReportRun> values;
    for (const RunLog* run : runs)
        values.push_back({run->folder(), run->identity(), run->state(), run->progress()});
    return values;
}

QString reportHtml(const std::vector<ReportRun>& runs, const std::vector<ReportFigure>& figures,
                   const Json& comparison)
{
    QString html = QStringLiteral("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>%1"
                                  "</title></head><body>\n<h1>%1</h1>\n<p>%2</p>\n")
                       .arg(QObject::tr("Staircase report"),
                            QDateTime::currentDateTime().toString(Qt::ISODate));
    html += results(runs);
    if (runs.size() >= 2)
        html += differences(RunFolder::open(runs[0].folder).spec().toJson(),
                            RunFolder::open(runs[1].folder).spec().toJson());
    if (!comparison.is_null())
        html += comparisonPart(comparison);
    html += figuresPart(figures);
    for (const ReportRun& run : runs)
        html += runPart(run);
    return html + QStringLiteral("</body></html>\n");
}

void saveReport(const QString& html, const QString& file)
{
    if (!file.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)) {
        writeFileAtomically(file.toStdString(), html.toStdString());
        return;
    }
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins({15, 15, 15, 15}, QPageLayout::Millimeter);
        writer.setTitle(QObject::tr("Staircase report"));
        QTextDocument document;
        document.setHtml(html);
        document.print(&writer);
    }
    if (bytes.isEmpty())
        throw Error("the report could not be laid out as PDF; save it as .html");
    writeFileAtomically(file.toStdString(), bytes.toStdString());
}

} // namespace stair
