#include "widgets/models/layer_list_model.h"
#include "widgets/panels/histogram_panel.h"
#include "widgets/panels/layer_curves.h"
#include "widgets/plot/legend_bar.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

// How the histogram panel is put together.
namespace stair {

namespace {

constexpr int factColumns = 4;
constexpr int factRows = 2;

QToolButton* makeChoice(QButtonGroup* group, int id, const QString& text, const char* name,
                        const QString& tip)
{
    auto* button = new QToolButton;
    button->setText(text);
    button->setObjectName(QLatin1String(name));
    button->setToolTip(tip);
    button->setAccessibleName(text);
    button->setCheckable(true);
    button->setFocusPolicy(Qt::StrongFocus);
    group->addButton(button, id);
    return button;
}

} // namespace

HistogramPanel::HistogramPanel(QWidget* parent)
    : QWidget(parent)
    , m_layers(new LayerListModel(this))
    , m_found(new QSortFilterProxyModel(this))
    , m_search(new QLineEdit)
    , m_list(new QTableView)
    , m_sides(new QButtonGroup(this))
    , m_views(new QButtonGroup(this))
    , m_logarithmic(new QCheckBox(tr("Log axis")))
    , m_mapRun(new QComboBox)
    , m_legend(new LegendBar)
    , m_pages(new QStackedWidget)
    , m_emptyText(new QLabel)
    , m_emptyAction(new QPushButton)
    , m_now(new HistogramPlot)
    , m_map(new HeatMap)
    , m_curves(new LayerCurves)
{
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(makeHeader());
    m_now->setMeaning(
        tr("The share of the layer's values in each interval, at the newest record, as "
           "the worker counted them while training"));
    m_map->setMeaning(tr("The share of the layer's values in each interval, at every record: steps "
                         "across, values up, shares as colours"));
    m_pages->addWidget(makeEmptyPage());
    m_pages->addWidget(m_now);
    m_pages->addWidget(m_map);
    m_pages->addWidget(m_curves);
    column->addWidget(m_pages, 1);
    auto* facts = new QGridLayout;
    facts->setContentsMargins(6, 0, 6, 2);
    facts->setHorizontalSpacing(12);
    facts->setVerticalSpacing(0);
    for (int i = 0; i < factRows * factColumns; ++i) {
        auto* label = new QLabel;
        label->setObjectName(QStringLiteral("fact%1").arg(i));
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        facts->addWidget(label, i / factColumns, i % factColumns);
        facts->setColumnStretch(i % factColumns, 1);
        m_facts.push_back(label);
    }
    column->addLayout(facts);
    auto* split = new QSplitter;
    split->addWidget(makeLayerList());
    split->addWidget(right);
    split->setStretchFactor(1, 1);
    split->setCollapsible(1, false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    setWindowTitle(tr("Histograms"));
    connectParts();
    setSide(m_side);
    setView(m_view);
}

QWidget* HistogramPanel::makeLayerList()
{
    m_search->setObjectName(QStringLiteral("search"));
    m_search->setPlaceholderText(tr("Find a layer"));
    m_search->setAccessibleName(tr("Find a layer"));
    m_search->setClearButtonEnabled(true);
    m_found->setSourceModel(m_layers);
    m_found->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_list->setObjectName(QStringLiteral("layers"));
    m_list->setAccessibleName(tr("Layers"));
    m_list->setModel(m_found);
    m_list->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->setShowGrid(false);
    m_list->setTabKeyNavigation(false);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->verticalHeader()->hide();
    m_list->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    QHeaderView* header = m_list->horizontalHeader();
    header->setSectionResizeMode(LayerListModel::Name, QHeaderView::Stretch);
    const auto fix = [&](int section, const QString& widest) {
        header->setSectionResizeMode(section, QHeaderView::Fixed);
        header->resizeSection(section, fontMetrics().horizontalAdvance(widest) + 14);
    };
    fix(LayerListModel::Bits, tr("float") + QLatin1Char(' '));
    fix(LayerListModel::Saturated, QStringLiteral("100.0 %"));
    fix(LayerListModel::Sqnr, QStringLiteral("−10.0 dB"));
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_search);
    column->addWidget(m_list, 1);
    side->setMinimumWidth(fontMetrics().horizontalAdvance(QLatin1Char('0')) * 38);
    return side;
}

QWidget* HistogramPanel::makeHeader()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    const auto side
        = [&](TensorSide id, const QString& text, const char* name, const QString& tip) {
              row->addWidget(makeChoice(m_sides, int(id), text, name, tip));
          };
    side(TensorSide::Weights, tr("Weights"), "weights",
         tr("The layer's weights as they are trained, before their transform and grid"));
    side(TensorSide::Activations, tr("Activations"), "activations",
         tr("The layer's output before its grid, of the recorded step's batch"));
    side(TensorSide::Gradients, tr("Gradients"), "gradients",
         tr("The loss's gradient by the weights, in octaves of either sign"));
    row->addSpacing(12);
    const auto view = [&](View id, const QString& text, const char* name, const QString& tip) {
        row->addWidget(makeChoice(m_views, int(id), text, name, tip));
    };
    view(View::Now, tr("Now"), "now",
         tr("The newest record: bars, grid, clip lines, level shares"));
    view(View::OverTime, tr("Over time"), "overTime",
         tr("All records side by side, shares as colours; of a long run evenly thinned"));
    view(View::Curves, tr("Curves"), "curves",
         tr("Cut off, zero, unused and flipped over the steps"));
    m_mapRun->setObjectName(QStringLiteral("mapRun"));
    m_mapRun->setAccessibleName(tr("Run shown over time"));
    m_mapRun->setToolTip(tr("The run shown over time"));
    m_mapRun->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_mapRun->setMinimumContentsLength(12);
    m_mapRun->hide();
    row->addSpacing(12);
    m_logarithmic->setObjectName(QStringLiteral("logarithmic"));
    m_logarithmic->setToolTip(tr("Shares on a logarithmic axis: rare values beside many zeros"));
    row->addWidget(m_logarithmic);
    row->addWidget(m_mapRun);
    row->addWidget(m_legend);
    row->addStretch(1);
    return bar;
}

QWidget* HistogramPanel::makeEmptyPage()
{
    auto* page = new QWidget;
    page->setObjectName(QStringLiteral("empty"));
    m_emptyText->setObjectName(QStringLiteral("emptyText"));
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setWordWrap(true);
    m_emptyAction->setObjectName(QStringLiteral("emptyAction"));
    auto* column = new QVBoxLayout(page);
    column->addStretch(1);
    column->addWidget(m_emptyText);
    column->addWidget(m_emptyAction, 0, Qt::AlignHCenter);
    column->addStretch(1);
    return page;
}

void HistogramPanel::connectParts()
{
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filtering = true; // a row that is hidden stays the one shown
        m_found->setFilterFixedString(text);
        m_filtering = false;
        showLayer(m_layer);
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                const QString layer = m_layers->layer(m_found->mapToSource(current).row());
                if (m_filtering || !current.isValid() || layer == m_layer)
                    return;
                m_layer = m_wanted = layer;
                startOver();
                emit layerSelected(layer);
            });
    for (QButtonGroup* group : {m_sides, m_views})
        connect(group, &QButtonGroup::idToggled, this, &HistogramPanel::markChoices);
    connect(m_sides, &QButtonGroup::idClicked, this, [this](int id) { setSide(TensorSide(id)); });
    connect(m_views, &QButtonGroup::idClicked, this, [this](int id) { setView(View(id)); });
    connect(m_logarithmic, &QCheckBox::toggled, this, [this](bool on) {
        m_now->setLogarithmic(on);
        m_now->refresh();
    });
    connect(m_now, &HistogramPlot::logarithmicChanged, m_logarithmic, &QCheckBox::setChecked);
    connect(m_mapRun, &QComboBox::activated, this, &HistogramPanel::startOver);
    connect(m_map, &HeatMap::xRangeChanged, this, &HistogramPanel::xRangeChanged);
    connect(m_map, &HeatMap::wentLive, this, &HistogramPanel::wentLive);
    connect(m_curves, &LayerCurves::xRangeChanged, this, &HistogramPanel::xRangeChanged);
    connect(m_curves, &LayerCurves::wentLive, this, &HistogramPanel::wentLive);
    connect(m_emptyAction, &QPushButton::clicked, this, [this] {
        if (m_lanes.empty())
            emit startWanted();
        else
            setSide(TensorSide::Gradients);
    });
}

void HistogramPanel::setXRange(double from, double to)
{
    m_map->setXRange(from, to);
    m_curves->setXRange(from, to);
}

void HistogramPanel::goLive()
{
    m_map->goLive();
    m_curves->goLive();
}

/// The chosen buttons in the highlight's colours: a sunken one cannot be told in the dark.
void HistogramPanel::markChoices()
{
    for (const QButtonGroup* group : {m_sides, m_views}) {
        for (QAbstractButton* button : group->buttons()) {
            QPalette own;
            if (button->isChecked()) {
                // Darker: the style draws it paler than it is told.
                own.setColor(QPalette::Button, palette().color(QPalette::Highlight).darker(130));
                own.setColor(QPalette::ButtonText, palette().color(QPalette::HighlightedText));
            }
            button->setPalette(own);
        }
    }
}

void HistogramPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        markChoices();
}

void HistogramPanel::setSide(TensorSide side)
{
    m_side = side;
    m_sides->button(int(side))->setChecked(true);
    startOver();
}

void HistogramPanel::setView(View view)
{
    m_view = view;
    m_views->button(int(view))->setChecked(true);
    m_mapRun->setVisible(m_lanes.size() > 1 && view == View::OverTime);
    m_logarithmic->setVisible(view == View::Now);
    m_legend->setVisible(view == View::Curves); // the histograms have one of their own
    draw();
}

void HistogramPanel::selectLayer(const QString& layer)
{
    m_wanted = layer;
    showLayer(layer);
}

void HistogramPanel::showLayer(const QString& layer)
{
    const int row = m_layers->rowOf(layer);
    if (row < 0)
        return;
    const bool isNew = layer != m_layer;
    m_layer = layer;
    const QModelIndex index = m_found->mapFromSource(m_layers->index(row, 0));
    if (index.isValid() && index.row() != m_list->currentIndex().row())
        m_list->selectRow(index.row()); // m_layer is that layer already: nothing is signalled
    if (isNew)
        startOver();
}

void HistogramPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    draw(); // what came in while hidden
}

} // namespace stair
