#include "widgets/panels/export_panel.h"

#include "core/base/error.h"
#include "core/exchange/export_formats.h"
#include "core/session/run_folder.h"
#include "widgets/forms/path_edit.h"
#include "widgets/models/run_text.h"
#include "widgets/panels/notice_strip.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace stair {

namespace {

/// Whether this program reads the format back, so that it can be verified.
bool isVerifiable(const ExportFormat& format)
{
    return format.id == "packed" || format.id == "onnx-integer";
}

constexpr int bestCheckpoint = 0, lastCheckpoint = 1; // in the list of them

QString inFolder(const QString& folder, const ExportFormat& format)
{
    const QString stem = format.id == "c-thresholds" ? QStringLiteral("/model-thresholds")
                                                     : QStringLiteral("/model");
    return folder + stem + QString::fromStdString(format.suffix);
}

bool hasBest(const std::filesystem::path& run)
{
    try {
        return !run.empty() && std::filesystem::exists(RunFolder::open(run).bestCheckpoint());
    } catch (const std::exception&) { // no run any more: the list tells
        return false;
    }
}

ExportPanel::Layers layersOf(const RunLog& run)
{
    if (run.identity().isFloat())
        return ExportPanel::Layers::Floats;
    const std::optional<EvaluationPoint>& best = run.progress().best;
    return best && !best->proved ? ExportPanel::Layers::Mixed : ExportPanel::Layers::Integers;
}

/// What is exported of the run %1.
QString programText(ExportPanel::Layers layers)
{
    switch (layers) {
    case ExportPanel::Layers::Floats:
        return ExportPanel::tr(
            "<b>%1</b>: the program that its evaluations ran. It is a float run: "
            "every layer leaves in float, no integer is proved, and the formats "
            "in integers alone refuse it.");
    case ExportPanel::Layers::Mixed:
        return ExportPanel::tr(
            "<b>%1</b>: the program that its evaluations ran. Some of its layers "
            "compute in float: they leave so, and are outside the proof.");
    case ExportPanel::Layers::Integers:
        break;
    }
    return ExportPanel::tr("<b>%1</b>: the integer program that its evaluations ran.");
}

QTableView* buildTable(ExportModel* model)
{
    auto* table = new QTableView;
    table->setObjectName(QStringLiteral("exportFormats"));
    table->setAccessibleName(ExportPanel::tr("Export formats"));
    table->setModel(model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->verticalHeader()->hide();
    table->horizontalHeader()->setStretchLastSection(true);
    table->horizontalHeader()->setHighlightSections(false);
    table->setTabKeyNavigation(false);
    const QFontMetrics metrics = table->fontMetrics();
    const auto width = [&](const char* text) {
        return metrics.horizontalAdvance(QString::fromUtf8(text)) + 24;
    };
    table->setColumnWidth(ExportModel::FormatColumn, width("ONNX, quantize and dequantize") + 24);
    table->setColumnWidth(ExportModel::SizeColumn, width("999 999.9 kB"));
    table->setColumnWidth(ExportModel::SmallerColumn, width("Smaller "));
    return table;
}

} // namespace

ExportPanel::ExportPanel(const QString& program, QWidget* parent)
    : QWidget(parent)
    , m_job(program)
    , m_title(new QLabel)
    , m_table(buildTable(&m_model))
    , m_result(new NoticeStrip)
{
    m_title->setObjectName(QStringLiteral("exportTitle"));
    m_title->setWordWrap(true);
    m_result->setObjectName(QStringLiteral("exportResult"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(m_title);
    layout->addWidget(m_table, 1);
    layout->addWidget(buildFoot());
    layout->addWidget(m_result);
    connect(&m_model, &ExportModel::choiceChanged, this, &ExportPanel::updateControls);
    connect(&m_job, &StairJob::finished, this, &ExportPanel::take);
    connect(&m_job, &StairJob::said, this,
            [this](const QString& line) { m_progress->setToolTip(line); });
    setRun({}, {}, false, Layers::Integers);
}

QWidget* ExportPanel::buildFoot()
{
    auto* foot = new QWidget;
    m_checkpoint = new QComboBox;
    m_checkpoint->setObjectName(QStringLiteral("exportCheckpoint"));
    m_checkpoint->setAccessibleName(tr("Checkpoint"));
    m_checkpoint->setMinimumContentsLength(36); // its texts come and go with runs
    m_checkpoint->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_checkpoint->addItem(tr("Best by validation"), QStringLiteral("best"));
    m_checkpoint->addItem(tr("Last checkpoint"), QStringLiteral("last"));
    connect(m_checkpoint, &QComboBox::currentIndexChanged, this, &ExportPanel::setCheckpoint);
    m_folder = new PathEdit(tr("folder for the files"));
    m_folder->setObjectName(QStringLiteral("exportFolder"));
    m_folder->setAccessibleName(tr("Folder for the files"));
    connect(m_folder, &PathEdit::changed, this, &ExportPanel::updateControls);
    m_sizes = new QPushButton(tr("Show sizes"));
    m_sizes->setObjectName(QStringLiteral("exportSizes"));
    m_sizes->setToolTip(tr("Measures batch-norm statistics again and builds every format, without "
                           "writing any"));
    connect(m_sizes, &QPushButton::clicked, this, &ExportPanel::askSizes);
    m_export = new QPushButton(tr("Export and verify"));
    m_export->setObjectName(QStringLiteral("exportStart"));
    connect(m_export, &QPushButton::clicked, this, &ExportPanel::exportChosen);
    m_progress = new QProgressBar;
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(true);
    m_cancel = new QToolButton;
    m_cancel->setText(tr("Cancel"));
    m_cancel->setObjectName(QStringLiteral("exportCancel"));
    connect(m_cancel, &QToolButton::clicked, this, [this] {
        m_calls.resize(1);
        m_job.cancel();
    });

    auto* layout = new QHBoxLayout(foot);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_checkpoint);
    layout->addWidget(m_folder, 1);
    layout->addWidget(m_sizes);
    layout->addWidget(m_export);
    layout->addWidget(m_progress);
    layout->addWidget(m_cancel);
    return foot;
}

void ExportPanel::setRun(const std::filesystem::path& folder, const QString& name,
                         bool hasCheckpoint, Layers layers)
{
    const bool isOther = folder != m_run;
    m_run = folder;
    m_layers = layers;
    m_hasCheckpoint = hasCheckpoint;
    if (folder.empty())
        m_title->setText(tr("Select one run in the list: its model is exported from here, with a "
                            "proof of its integers that travels in the file."));
    else if (!hasCheckpoint)
        m_title->setText(tr("<b>%1</b> has no checkpoint yet; there is nothing to export.")
                             .arg(name.toHtmlEscaped()));
    else
        m_title->setText(programText(layers).arg(name.toHtmlEscaped()));
    if (isOther && !folder.empty())
        m_folder->setPath(QString::fromStdString((folder / "export").string()));
    if (isOther) {
        m_checkpoint->setCurrentIndex(hasBest(folder) ? bestCheckpoint : lastCheckpoint);
        m_model.setSizes({});
        if (m_calls.empty() || m_calls.front().kind == Call::Kind::Sizes)
            m_result->fallSilent();
    }
    updateControls();
}

void ExportPanel::setRuns(const std::vector<const RunLog*>& runs)
{
    m_log = runs.size() == 1 ? runs.front() : nullptr;
    offerCheckpoints();
    if (m_log)
        refresh();
    else
        setRun({}, {}, false, Layers::Integers);
}

/// The accuracies that the window shows of the run beside the checkpoints they are of.
void ExportPanel::offerCheckpoints()
{
    const RunProgress progress = m_log ? m_log->progress() : RunProgress();
    const auto name = [this](int index, const QString& text) {
        if (m_checkpoint->itemText(index) != text)
            m_checkpoint->setItemText(index, text);
    };
    name(bestCheckpoint,
         progress.best && progress.best->validation
             ? tr("Best by validation, step %1: %2")
                   .arg(countText(progress.best->step), percentText(progress.best->test))
             : tr("Best by validation"));
    name(lastCheckpoint,
         progress.last ? tr("Last checkpoint; evaluated at step %1: %2")
                             .arg(countText(progress.last->step), percentText(progress.last->test))
                       : tr("Last checkpoint"));
}

/// A first checkpoint may have been written since.
void ExportPanel::refresh()
{
    if (!m_log)
        return;
    offerCheckpoints();
    const Layers layers = layersOf(*m_log);
    if (m_hasCheckpoint && m_run == m_log->folder() && layers == m_layers)
        return;
    bool hasCheckpoint = false;
    try {
        hasCheckpoint = !RunFolder::open(m_log->folder()).checkpoints().empty();
    } catch (const Error&) { // no run any more: the list tells
    }
    if (m_run != m_log->folder() || hasCheckpoint)
        setRun(m_log->folder(), m_log->identity().name, hasCheckpoint, layers);
}

void ExportPanel::setCheckpoint()
{
    m_model.setSizes({}); // those of the other one
    updateControls();
}

void ExportPanel::askSizes()
{
    m_calls.push_back({Call::Kind::Sizes,
                       {QStringLiteral("export"), QString::fromStdString(m_run.string()),
                        QStringLiteral("--sizes"), QStringLiteral("--checkpoint"),
                        m_checkpoint->currentData().toString()},
                       tr("sizes"),
                       {},
                       m_run});
    if (m_calls.size() == 1)
        begin();
}

void ExportPanel::exportChosen()
{
    QFileInfo folder(m_folder->path());
    if (!folder.exists())
        QDir().mkpath(folder.filePath());
    for (const std::string& id : m_model.chosen()) {
        const ExportFormat& format = exportFormat(id);
        const QString file = inFolder(folder.filePath(), format);
        m_calls.push_back({Call::Kind::Export,
                           {QStringLiteral("export"), QString::fromStdString(m_run.string()),
                            QStringLiteral("--format"), QString::fromStdString(id),
                            QStringLiteral("--out"), file, QStringLiteral("--checkpoint"),
                            m_checkpoint->currentData().toString(), QStringLiteral("--overwrite")},
                           QString::fromStdString(format.title),
                           file,
                           m_run});
        if (isVerifiable(format))
            m_calls.push_back(verification(file));
    }
    begin();
}

void ExportPanel::browseToVerify()
{
    auto* dialog = new QFileDialog(this, tr("Verify an exported model"), m_folder->path(),
                                   tr("Exported models (*.stair *.onnx *.c);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, &ExportPanel::verify);
    dialog->open();
}

void ExportPanel::verify(const QString& file)
{
    m_calls.push_back(verification(file));
    if (m_calls.size() == 1)
        begin();
}

ExportPanel::Call ExportPanel::verification(const QString& file)
{
    return {
        Call::Kind::Verify, {QStringLiteral("verify"), file}, QFileInfo(file).fileName(), file, {}};
}

/// The first of the calls: what came of earlier ones is forgotten.
void ExportPanel::begin()
{
    m_lines.clear();
    m_allGood = true;
    startNext();
}

void ExportPanel::startNext()
{
    if (m_calls.empty()) {
        updateControls();
        emit idle();
        return;
    }
    const Call& call = m_calls.front();
    m_progress->setFormat(call.kind == Call::Kind::Verify      ? tr("Verifying %1").arg(call.what)
                              : call.kind == Call::Kind::Sizes ? tr("Measuring sizes")
                                                               : tr("Exporting %1").arg(call.what));
    updateControls();
    m_job.start(call.arguments);
}

void ExportPanel::take(const StairJob::Outcome& outcome)
{
    const Call call = m_calls.front();
    m_calls.pop_front();
    const bool isSizes = call.kind == Call::Kind::Sizes;
    const QString& subject = call.file.isEmpty() ? call.what : call.file;
    if (isSizes && call.run != m_run) { // another one has been selected since
        startNext();
        return;
    }
    if (outcome.isCancelled) {
        say(tr("%1: cancelled; nothing was written.").arg(subject), false);
    } else if (call.kind == Call::Kind::Verify && outcome.document.is_object()) {
        takeVerdict(call.file, outcome.document);
    } else if (outcome.code != 0) {
        say(tr("%1: %2").arg(subject, outcome.complaint), false);
        if (call.kind == Call::Kind::Export && !m_calls.empty()
            && m_calls.front().kind == Call::Kind::Verify)
            m_calls.pop_front(); // of the file that is not there
    } else if (isSizes) {
        m_model.setSizes(outcome.document);
    } else {
        const Json& done = outcome.document;
        say(tr("%1: %2 kB, written to %3")
                .arg(call.what)
                .arg(done.at("bytes").get<double>() / 1000, 0, 'f', 1)
                .arg(QString::fromStdString(done.at("file").get<std::string>())),
            true);
    }
    startNext();
}

void ExportPanel::takeVerdict(const QString& file, const Json& verdict)
{
    if (verdict.at("holds").get<bool>() && !verdict.value("run", true)) { // a C file
        say(tr("Verified: the tables and steps of all %1 layers of %2 are those that were shipped; "
               "it was not run, which takes a compiler.")
                .arg(QString::number(verdict.at("layers").get<int>()), file),
            true);
        return;
    }
    const bool isFloat = verdict.at("integers").get<double>() == 0;
    if (verdict.at("holds").get<bool>() && isFloat) {
        say(tr("Read back: all %1 layers of %2 are those that were shipped. They compute in float: "
               "there are no integers of theirs to prove.")
                .arg(verdict.at("layers").get<int>())
                .arg(file),
            true);
        return;
    }
    if (verdict.at("holds").get<bool>()) {
        say(tr("Verified: all %1 layers of %2 are those that were shipped; %3 integers on %4 "
               "reference images are equal, computed with the plain kernels.")
                .arg(QString::number(verdict.at("layers").get<int>()), file,
                     countText(verdict.at("integers").get<double>()),
                     QString::number(verdict.at("samples").get<int>())),
            true);
        for (const Json& layer : verdict.at("unproved"))
            say(tr("Not proved: layer %1 computes in float.")
                    .arg(QString::fromStdString(layer.get<std::string>())),
                true);
        return;
    }
    for (const Json& finding : verdict.at("findings"))
        say(tr("%1 is NOT what was shipped: %2")
                .arg(file, QString::fromStdString(finding.get<std::string>())),
            false);
}

void ExportPanel::say(const QString& line, bool isGood)
{
    m_lines += line;
    m_allGood = m_allGood && isGood;
    m_result->say(m_allGood ? NoticeStrip::Kind::Result : NoticeStrip::Kind::Error,
                  m_lines.join(QLatin1Char('\n')));
}

void ExportPanel::updateControls()
{
    const bool isBusy = !m_calls.empty();
    const bool canExport = m_hasCheckpoint && !m_run.empty();
    m_table->setEnabled(canExport);
    m_checkpoint->setEnabled(canExport && !isBusy);
    m_folder->setEnabled(canExport && !isBusy);
    m_sizes->setVisible(!isBusy);
    m_sizes->setEnabled(canExport && !m_model.hasSizes());
    m_export->setVisible(!isBusy);
    m_export->setEnabled(canExport && !m_model.chosen().empty() && !m_folder->path().isEmpty());
    m_export->setToolTip(m_model.chosen().empty() ? tr("Choose a format in the table")
                                                  : tr("Writes the chosen formats; a file of the "
                                                       "same name is replaced"));
    m_progress->setVisible(isBusy);
    m_cancel->setVisible(isBusy);
}

} // namespace stair
