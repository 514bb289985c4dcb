#include "widgets/models/run_text.h"
#include "widgets/panels/maps_view.h"
#include "widgets/panels/sample_browser.h"
#include "widgets/panels/samples_panel.h"
#include "widgets/plot/bar_delegate.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

// The panel's parts and what they show; what happens is in samples_panel.cpp.

namespace stair {

namespace {

constexpr int previewSide = 132;

QString shareText(double probability)
{
    return probability < 0 ? SamplesPanel::tr("less") : percentText(probability);
}

} // namespace

QWidget* SamplesPanel::buildBar()
{
    auto* bar = new QWidget;
    m_source = new QComboBox;
    m_source->setObjectName(QStringLiteral("samplesSource"));
    m_source->setAccessibleName(tr("Whose data set is shown"));
    m_source->addItem(tr("data of the form"), true);
    m_source->addItem(tr("data of the selected run"), false);
    connect(m_source, &QComboBox::activated, this, &SamplesPanel::showData);
    m_beside = new QComboBox;
    m_beside->setObjectName(QStringLiteral("samplesBeside"));
    m_beside->setAccessibleName(tr("What stands beside the run's shipped program"));
    m_beside->setToolTip(tr("The run's own weights in a network that quantizes nothing, with "
                            "batch norm's statistics estimated anew; or another selected run"));
    m_beside->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    connect(m_beside, &QComboBox::activated, this, &SamplesPanel::ask);
    m_progress = new QProgressBar;
    m_progress->setRange(0, 0);
    m_progress->setMaximumWidth(80);
    m_progress->setAccessibleName(tr("Computing"));
    m_cancel = new QToolButton;
    m_cancel->setText(tr("Cancel"));
    connect(m_cancel, &QToolButton::clicked, this, [this] {
        m_talk.cancel();
        updateControls();
    });
    m_open = new QToolButton;
    m_open->setObjectName(QStringLiteral("samplesOpen"));
    m_open->setText(tr("Open image…"));
    m_open->setToolTip(tr("Classifies a picture file; one may also be dropped here"));
    connect(m_open, &QToolButton::clicked, this, &SamplesPanel::pictureWanted);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_source);
    layout->addWidget(new QLabel(tr("shipped beside")));
    layout->addWidget(m_beside, 1);
    layout->addWidget(m_progress);
    layout->addWidget(m_cancel);
    layout->addWidget(m_open);
    return bar;
}

QWidget* SamplesPanel::buildDetail()
{
    auto* detail = new QWidget;
    m_verdict = new QLabel;
    m_verdict->setObjectName(QStringLiteral("samplesVerdict"));
    m_verdict->setWordWrap(true);
    m_layers = new QComboBox;
    m_layers->setObjectName(QStringLiteral("samplesLayer"));
    m_layers->setAccessibleName(tr("Layer whose maps and filters are shown"));
    m_layers->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    connect(m_layers, &QComboBox::activated, this, [this] {
        if (!m_inspected.layers.contains(m_layers->currentText()))
            return; // "choose a layer"
        m_layer = m_layers->currentText();
        emit layerSelected(m_layer);
        ask();
    });
    m_maps = new MapsView(tr("Feature maps"),
                          tr("What the layer makes of the chosen image appears here, a map each "
                             "channel: choose an image of the run's data."));
    m_filters = new MapsView(tr("Filters"),
                             tr("The layer's weights appear here once an image is chosen; layers "
                                "such as pools have none."));
    m_filters->setOutputs(0, filtersAtOnce);
    connect(m_filters, &MapsView::firstOutputChanged, this, &SamplesPanel::ask);
    m_tabs = new QTabWidget;
    m_tabs->setObjectName(QStringLiteral("samplesTabs"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(buildClasses(), tr("Classes"));
    m_tabs->addTab(m_maps, tr("Feature maps"));
    m_tabs->addTab(m_filters, tr("Filters"));
    auto* row = new QHBoxLayout;
    row->addWidget(new QLabel(tr("Layer")));
    row->addWidget(m_layers, 1);
    auto* layout = new QVBoxLayout(detail);
    layout->setContentsMargins(6, 0, 0, 0);
    layout->addWidget(m_verdict);
    layout->addLayout(row);
    layout->addWidget(m_tabs, 1);
    return detail;
}

QWidget* SamplesPanel::buildClasses()
{
    auto* page = new QWidget;
    m_preview = new QLabel;
    m_preview->setObjectName(QStringLiteral("samplesPreview"));
    m_preview->setFixedSize(previewSide, previewSide);
    m_preview->setAlignment(Qt::AlignCenter);
    m_preview->setAccessibleName(tr("The chosen image"));
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("samplesClasses"));
    m_table->setAccessibleName(tr("Likeliest classes"));
    m_table->setModel(&m_classes);
    for (int column : {1, 2})
        m_table->setItemDelegateForColumn(column,
                                          new BarDelegate(ValueTableModel::SortRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    auto* layout = new QHBoxLayout(page);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(m_preview, 0, Qt::AlignTop);
    layout->addWidget(m_table, 1);
    return page;
}

void SamplesPanel::fillBeside()
{
    const QVariant before = m_beside->currentData();
    m_beside->clear();
    const bool isFloat = !m_runs.empty() && m_runs.front()->identity().isFloat();
    m_beside->addItem(isFloat ? tr("nothing: the run is a float one")
                              : tr("the same weights, not quantized"));
    for (std::size_t i = 1; i < m_runs.size(); ++i)
        m_beside->addItem(tr("the run %1").arg(m_runs[i]->identity().name),
                          QString::fromStdString(m_runs[i]->folder().string()));
    m_beside->setCurrentIndex(std::max(0, m_beside->findData(before)));
    updateControls();
}

void SamplesPanel::fillClasses(const Inspected& inspected)
{
    std::vector<ValueTableModel::Row> rows;
    for (const ClassGuess& guess : inspected.classes) {
        const bool isOwn = guess.index == inspected.label;
        ValueTableModel::Row row{{isOwn ? tr("%1 ✓").arg(guess.name) : guess.name,
                                  {},
                                  isOwn ? tr("The image's class") : QString()}};
        for (int side = 0; side < 2; ++side)
            row.push_back(side < inspected.sides.size()
                              ? ValueTableModel::Cell{shareText(guess.probability[side]),
                                                      guess.probability[side]}
                              : ValueTableModel::Cell{tr("–"), -1.0});
        rows.push_back(std::move(row));
    }
    m_classes.setRows(std::move(rows));
}

void SamplesPanel::fillLayers(const QStringList& layers)
{
    QStringList names = layers;
    if (!m_layer.isEmpty() && !names.contains(m_layer))
        names.prepend(m_layer); // named by its result
    QStringList shown;
    for (int i = 0; i < m_layers->count(); ++i)
        shown += m_layers->itemText(i);
    if (m_layer.isEmpty() && !names.isEmpty())
        names.prepend(tr("choose a layer"));
    if (shown != names) {
        m_layers->clear();
        m_layers->addItems(names);
    }
    m_layers->setCurrentIndex(m_layer.isEmpty() ? 0 : m_layers->findText(m_layer));
}

void SamplesPanel::showPreview(const QImage& image)
{
    if (image.isNull()) {
        m_preview->clear();
        return;
    }
    const int zoom = std::max(1, previewSide / std::max(image.width(), image.height()));
    m_preview->setPixmap(QPixmap::fromImage(image.scaled(image.size() * zoom)));
    m_preview->setToolTip(tr("%1 × %2 pixels, shown %3 times as large")
                              .arg(image.width())
                              .arg(image.height())
                              .arg(zoom));
}

void SamplesPanel::updateControls()
{
    const bool isBusy = m_talk.isBusy();
    m_progress->setVisible(isBusy);
    m_cancel->setVisible(isBusy);
    m_open->setEnabled(!m_runs.empty());
    m_beside->setEnabled(m_beside->count() > 1);
    m_layers->setEnabled(m_layers->count() > 1);
}

} // namespace stair
