#include "widgets/panels/compare_panel.h"

#include "core/session/run_folder.h"
#include "core/session/spec_difference.h"
#include "widgets/models/run_text.h"
#include "widgets/models/sample_model.h"
#include "widgets/panels/chosen_row.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/plot/matrix_view.h"
#include "widgets/plot/picture_menu.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int pictureSize = 160;

QString textOf(const Json& json)
{
    return QString::fromStdString(json.get<std::string>());
}

QString className(const Json& classes, int c)
{
    return c < int(classes.size()) ? textOf(classes.at(std::size_t(c))) : QString::number(c);
}

std::vector<std::vector<qint64>> counts(const Json& metrics)
{
    return metrics.at("confusion").get<std::vector<std::vector<qint64>>>();
}

QString folderOf(const QComboBox* box)
{
    return box->currentData().toString();
}

} // namespace

ComparePanel::ComparePanel(const QString& program, QWidget* parent)
    : QWidget(parent)
    , m_job(program)
    , m_settings({tr("Setting"), tr("First"), tr("Second")})
    , m_layers({tr("Layer's result"), tr("SQNR, dB"), tr("Cosine"), tr("Codes unlike, %")},
               {tr("Values between the layers that both models have, in the network's order"),
                tr("10 log10(sum a² / sum (a - b)²) over all images, in real units"),
                tr("sum a b / sqrt(sum a² sum b²)"),
                tr("Share of integer codes that differ; empty where one of them has none")})
    , m_flipped({tr("Image"), tr("Is"), tr("First says"), tr("Second says"), tr("They part at")},
                {tr("Number of the test image"),
                 {},
                 {},
                 {},
                 tr("First value whose difference has more than half of the value's own norm")})
    , m_notice(new NoticeStrip)
    , m_verdict(new QLabel)
    , m_tabs(new QTabWidget)
{
    m_verdict->setObjectName(QStringLiteral("compareVerdict"));
    m_verdict->setWordWrap(true);
    m_notice->setObjectName(QStringLiteral("compareNotice"));
    m_tabs->setObjectName(QStringLiteral("compareTabs"));
    m_tabs->setDocumentMode(true);
    addTable(m_settings, "compareSettings", tr("Settings"));
    m_layerTable = addTable(m_layers, "compareLayers", tr("Layers"));
    m_matrices[0] = new MatrixView(tr("First"));
    m_matrices[1] = new MatrixView(tr("Second"));
    auto* matrices = new QWidget;
    auto* side = new QHBoxLayout(matrices);
    side->addWidget(m_matrices[0]);
    side->addWidget(m_matrices[1]);
    m_tabs->addTab(matrices, tr("Confusion"));
    m_flippedTable = addTable(m_flipped, "compareFlipped", tr("Flipped images"));
    m_flippedTable->setColumnWidth(0, 9 * fontMetrics().horizontalAdvance(QLatin1Char('0')));
    m_picture = new QLabel;
    m_picture->setObjectName(QStringLiteral("comparePicture"));
    m_picture->setMinimumSize(pictureSize, pictureSize);
    m_picture->setAlignment(Qt::AlignCenter);
    m_picture->setAccessibleName(tr("The selected image"));
    m_flippedTable->parentWidget()->layout()->addWidget(m_picture);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(buildBar());
    layout->addWidget(m_notice);
    layout->addWidget(m_verdict);
    layout->addWidget(m_tabs, 1);
    connect(&m_job, &StairJob::finished, this, &ComparePanel::take);
    connect(&m_data, &DataDesk::changed, this, &ComparePanel::showImage);
    connect(m_flippedTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &ComparePanel::showImage);
    connect(m_layerTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &ComparePanel::takeCurrent);
    connect(m_layerTable->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ComparePanel::takeCurrent);
    takePair();
}

QWidget* ComparePanel::buildBar()
{
    auto* bar = new QWidget;
    const auto runBox = [this](const char* name, const QString& accessible) {
        auto* box = new QComboBox;
        box->setObjectName(QLatin1String(name));
        box->setAccessibleName(accessible);
        box->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        connect(box, &QComboBox::activated, this, &ComparePanel::takePair);
        return box;
    };
    m_first = runBox("compareFirst", tr("First run"));
    m_second = runBox("compareSecond", tr("Second run"));
    m_images = new QSpinBox;
    m_images->setObjectName(QStringLiteral("compareImages"));
    m_images->setAccessibleName(tr("Test images to look at"));
    m_images->setRange(1, 1'000'000);
    m_images->setValue(1000);
    m_images->setSuffix(tr(" images"));
    m_compare = new QPushButton(tr("Compare"));
    m_compare->setObjectName(QStringLiteral("compareStart"));
    connect(m_compare, &QPushButton::clicked, this, &ComparePanel::compare);
    m_progress = new QProgressBar;
    m_progress->setRange(0, 0);
    m_progress->setFormat(tr("Comparing"));
    m_cancel = new QToolButton;
    m_cancel->setObjectName(QStringLiteral("compareCancel"));
    m_cancel->setText(tr("Cancel"));
    connect(m_cancel, &QToolButton::clicked, &m_job, &StairJob::cancel);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_first, 1);
    layout->addWidget(new QLabel(tr("with")));
    layout->addWidget(m_second, 1);
    layout->addWidget(m_images);
    layout->addWidget(m_compare);
    layout->addWidget(m_progress);
    layout->addWidget(m_cancel);
    return bar;
}

QTableView* ComparePanel::addTable(ValueTableModel& model, const char* name, const QString& title)
{
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(&model);
    sorted->setSortRole(ValueTableModel::SortRole);
    auto* table = new QTableView;
    table->setObjectName(QLatin1String(name));
    table->setAccessibleName(title);
    table->setModel(sorted);
    table->setSortingEnabled(true);
    table->sortByColumn(-1, Qt::AscendingOrder);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    table->setColumnWidth(0, 30 * digit);
    for (int column = 1; column < model.columnCount(); ++column)
        table->setColumnWidth(column, 18 * digit);
    installPictureMenu(*table, [&model] { return model.toCsv(); });
    auto* page = new QWidget;
    auto* layout = new QHBoxLayout(page);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(table, 1);
    m_tabs->addTab(page, title);
    return table;
}

void ComparePanel::setRuns(const std::vector<const RunLog*>& runs)
{
    const QString first = folderOf(m_first), second = folderOf(m_second);
    m_runs = runs;
    for (QComboBox* box : {m_first, m_second}) {
        box->clear();
        for (const RunLog* run : runs)
            box->addItem(run->identity().name, QString::fromStdString(run->folder().string()));
    }
    m_first->setCurrentIndex(std::max(0, m_first->findData(first)));
    const int other = m_second->findData(second);
    m_second->setCurrentIndex(other >= 0 && other != m_first->currentIndex()
                                  ? other
                                  : (m_first->currentIndex() == 0 ? 1 : 0));
    if (folderOf(m_first) != first || folderOf(m_second) != second)
        takePair();
    updateControls();
}

const RunLog* ComparePanel::chosen(const QComboBox* box) const
{
    const int index = box->currentIndex();
    return index < 0 || index >= int(m_runs.size()) ? nullptr : m_runs[std::size_t(index)];
}

QStringList ComparePanel::pair() const
{
    return {folderOf(m_first), folderOf(m_second)};
}

Json ComparePanel::resultOf(const std::vector<const RunLog*>& runs) const
{
    const bool isPair
        = runs.size() >= 2 && chosen(m_first) == runs[0] && chosen(m_second) == runs[1];
    return isPair ? m_result : Json();
}

/// Another pair: what was found of the last one goes.
void ComparePanel::takePair()
{
    m_result = Json();
    fillLayers();
    fillFlipped();
    m_notice->fallSilent();
    showSettings();
    updateControls();
}

void ComparePanel::showSettings()
{
    std::vector<ValueTableModel::Row> rows;
    const RunLog *first = chosen(m_first), *second = chosen(m_second);
    m_awaitsSpecs = false;
    if (!first || !second || first == second) {
        m_verdict->setText(tr("Select two runs of one data set in the list (Ctrl+click): what "
                              "differs between them appears here."));
        m_settings.setRows({});
        return;
    }
    m_awaitsSpecs = first->state() == RunState::Starting || second->state() == RunState::Starting;
    if (m_awaitsSpecs) {
        m_verdict->setText(tr("A run has not begun yet."));
        m_settings.setRows({});
        return;
    }
    try {
        const Json a = RunFolder::open(first->folder()).spec().toJson();
        const Json b = RunFolder::open(second->folder()).spec().toJson();
        for (const SpecDifference& d : specDifferences(a, b))
            rows.push_back({{QString::fromStdString(d.key)},
                            {QString::fromStdString(d.first)},
                            {QString::fromStdString(d.second)}});
        const QString found = rows.empty() ? tr("Both runs have the same settings.")
            : rows.size() == 1             ? tr("One setting differs.")
                                           : tr("%1 settings differ.").arg(rows.size());
        m_verdict->setText(tr("%1 Compare looks at what they learned.").arg(found));
    } catch (const std::exception& error) {
        m_verdict->setText(QString::fromUtf8(error.what()));
    }
    m_settings.setRows(std::move(rows));
}

void ComparePanel::refresh()
{
    if (m_awaitsSpecs)
        showSettings();
}

void ComparePanel::compare()
{
    m_notice->fallSilent();
    m_compared = pair();
    m_job.start({QStringLiteral("compare"), m_compared.front(), m_compared.back(),
                 QStringLiteral("--images"), QString::number(m_images->value())});
    updateControls();
}

void ComparePanel::take(const StairJob::Outcome& outcome)
{
    const bool isChosen = pair() == m_compared;
    if (isChosen && outcome.code == 0)
        showResult(outcome.document);
    else if (isChosen && !outcome.isCancelled)
        m_notice->say(NoticeStrip::Kind::Error, outcome.complaint);
    else if (!outcome.isCancelled)
        m_notice->say(NoticeStrip::Kind::Warning,
                      tr("The comparison that has ended was of another pair; its result is not "
                         "shown"));
    updateControls();
    emit compared();
}

void ComparePanel::showResult(const Json& result)
{
    m_result = result;
    const auto top1 = [&](const char* which) {
        return percentText(m_result.at(which).at("top1").get<double>());
    };
    const qint64 images = m_result.at("first").at("images").get<qint64>();
    const int flipped = int(m_result.at("flipped").size());
    m_verdict->setText(tr("On %1 test images, by the last checkpoints: first %2, second %3; %4 told "
                          "differently (%5 %).")
                           .arg(images)
                           .arg(top1("first"), top1("second"))
                           .arg(flipped)
                           .arg(100.0 * flipped / double(images), 0, 'f', 1));
    fillLayers();
    fillFlipped();
    try { // the first run's images are shown
        m_data.request(RunFolder::open(chosen(m_first)->folder()).spec().data);
        m_data.retry();
    } catch (const std::exception& error) {
        m_notice->say(NoticeStrip::Kind::Error, QString::fromUtf8(error.what()));
    }
}

void ComparePanel::fillLayers()
{
    std::vector<ValueTableModel::Row> rows;
    if (!m_result.is_null())
        for (const Json& value : m_result.at("values")) {
            const Json& sqnr = value.at("sqnr_db");
            const Json& unlike = value.at("codes_unlike");
            rows.push_back(
                {{textOf(value.at("name"))},
                 sqnr.is_null() ? ValueTableModel::Cell{tr("equal"), 1e9}
                                : ValueTableModel::Cell{QString::number(sqnr.get<double>(), 'f', 1),
                                                        sqnr.get<double>()},
                 {QString::number(value.at("cosine").get<double>(), 'f', 4),
                  value.at("cosine").get<double>()},
                 unlike.is_null()
                     ? ValueTableModel::Cell{{}, -1.0}
                     : ValueTableModel::Cell{QString::number(100 * unlike.get<double>(), 'f', 2),
                                             unlike.get<double>()}});
        }
    m_layers.setRows(std::move(rows));
    showLayer();
    for (int i = 0; i < 2; ++i) {
        QStringList classes;
        if (!m_result.is_null())
            for (const Json& name : m_result.at("classes"))
                classes += textOf(name);
        m_matrices[i]->setCounts(m_result.is_null()
                                     ? std::vector<std::vector<qint64>>()
                                     : counts(m_result.at(i == 0 ? "first" : "second")),
                                 classes);
    }
}

void ComparePanel::fillFlipped()
{
    std::vector<ValueTableModel::Row> rows;
    if (!m_result.is_null()) {
        const Json& classes = m_result.at("classes");
        for (const Json& sample : m_result.at("flipped")) {
            const int image = sample.at("image").get<int>();
            rows.push_back({{QString::number(image), image},
                            {className(classes, sample.at("label").get<int>())},
                            {className(classes, sample.at("first").get<int>())},
                            {className(classes, sample.at("second").get<int>())},
                            {textOf(sample.at("parts_at"))}});
        }
    }
    m_flipped.setRows(std::move(rows));
    showImage();
}

void ComparePanel::showImage()
{
    const QModelIndex current = m_flippedTable->currentIndex();
    const std::shared_ptr<const Dataset> data = m_data.data();
    m_picture->clear();
    if (!current.isValid() || m_result.is_null())
        return;
    const int number = current.siblingAtColumn(0).data(ValueTableModel::SortRole).toInt();
    if (!data || number >= data->test.count()) {
        m_picture->setText(m_data.problem());
        return;
    }
    const ImageSet& set = data->test;
    const QImage image = imageOf(set.image(number).data(), set.height, set.width, set.channels);
    m_picture->setPixmap(QPixmap::fromImage(
        image.scaled(pictureSize, pictureSize, Qt::KeepAspectRatio, Qt::FastTransformation)));
}

void ComparePanel::selectLayer(const QString& name)
{
    m_wanted = name;
    showLayer();
}

void ComparePanel::takeCurrent()
{
    const QString name = chosenRow(*m_layerTable).siblingAtColumn(0).data().toString();
    if (name.isEmpty() || name == m_wanted)
        return;
    m_wanted = name;
    emit layerSelected(name);
}

void ComparePanel::showLayer()
{
    const QAbstractItemModel* model = m_layerTable->model();
    for (int row = 0; row < model->rowCount(); ++row)
        if (model->index(row, 0).data().toString() == m_wanted
            && m_layerTable->currentIndex().row() != row)
            m_layerTable->setCurrentIndex(model->index(row, 0));
}

void ComparePanel::updateControls()
{
    const RunLog *first = chosen(m_first), *second = chosen(m_second);
    const bool isPair = first && second && first != second;
    const bool isBusy = m_job.isRunning();
    m_first->setEnabled(!isBusy);
    m_second->setEnabled(!isBusy);
    m_images->setVisible(!isBusy);
    m_compare->setVisible(!isBusy);
    m_compare->setEnabled(isPair);
    m_compare->setToolTip(isPair ? tr("Runs both integer programs over the test images")
                                 : tr("Select two runs in the list"));
    m_progress->setVisible(isBusy);
    m_cancel->setVisible(isBusy);
}

} // namespace stair
