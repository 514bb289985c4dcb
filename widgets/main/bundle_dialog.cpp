#include "widgets/main/bundle_dialog.h"

#include "core/session/diagnostics.h"
#include "widgets/panels/notice_strip.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace stair {

namespace {

QString contentsHtml(const std::vector<std::filesystem::path>& runs)
{
    QString html = BundleDialog::tr("<p><b>The bundle will contain</b></p><ul>");
    for (const QString& line :
         QString::fromStdString(diagnosticContents()).split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        html += QStringLiteral("<li>%1</li>").arg(line.toHtmlEscaped());
    html += QStringLiteral("</ul>");
    if (runs.empty())
        return html + BundleDialog::tr("<p>No run is selected.</p>");
    QStringList names;
    for (const std::filesystem::path& run : runs)
        names += QString::fromStdString(run.filename().string()).toHtmlEscaped();
    return html + BundleDialog::tr("<p>Selected runs: %1.</p>").arg(names.join(", "));
}

} // namespace

BundleDialog::BundleDialog(const QString& program, const std::vector<std::filesystem::path>& runs,
                           const std::filesystem::path& window, QWidget* parent)
    : QDialog(parent)
    , m_job(program)
    , m_runs(runs)
    , m_window(window)
    , m_notice(new NoticeStrip)
    , m_progress(new QProgressBar)
    , m_save(new QPushButton(tr("Save as…")))
{
    setObjectName(QStringLiteral("bundleDialog"));
    setWindowTitle(tr("Save diagnostic bundle"));
    auto* contents = new QLabel(contentsHtml(runs));
    contents->setObjectName(QStringLiteral("bundleContents"));
    contents->setWordWrap(true);
    contents->setAlignment(Qt::AlignTop);
    m_notice->setObjectName(QStringLiteral("bundleNotice"));
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->hide();
    m_save->setObjectName(QStringLiteral("bundleSave"));
    connect(m_save, &QPushButton::clicked, this, [this] {
        if (m_job.isRunning())
            m_job.cancel();
        else
            browse();
    });
    connect(&m_job, &StairJob::finished, this, &BundleDialog::take);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->addButton(m_save, QDialogButtonBox::ActionRole);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(contents, 1);
    layout->addWidget(m_progress);
    layout->addWidget(m_notice);
    layout->addWidget(buttons);
    resize(560, 340);
}

void BundleDialog::browse()
{
    auto* dialog
        = new QFileDialog(this, tr("Save diagnostic bundle"), {}, tr("Archives (*.tar.gz *.zip)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(QStringLiteral("staircase-diagnostics.tar.gz"));
    connect(dialog, &QFileDialog::fileSelected, this, &BundleDialog::save);
    dialog->open();
}

void BundleDialog::save(const QString& file)
{
    m_notice->fallSilent();
    QStringList arguments = {QStringLiteral("diagnose")};
    for (const std::filesystem::path& run : m_runs)
        arguments += QString::fromStdString(run.string());
    arguments += {QStringLiteral("--out"), file, QStringLiteral("--window"),
                  QString::fromStdString(m_window.string())};
    m_progress->show();
    m_save->setText(tr("Cancel"));
    m_job.start(arguments);
}

void BundleDialog::take(const StairJob::Outcome& outcome)
{
    m_progress->hide();
    m_save->setText(tr("Save as…"));
    if (outcome.code == 0 && outcome.document.is_object())
        m_notice->say(NoticeStrip::Kind::Result,
                      tr("Saved %1, with %2 files.")
                          .arg(QString::fromStdString(outcome.document.at("file")))
                          .arg(outcome.document.at("files").size()));
    else if (!outcome.isCancelled)
        m_notice->say(NoticeStrip::Kind::Error, outcome.complaint);
}

} // namespace stair
