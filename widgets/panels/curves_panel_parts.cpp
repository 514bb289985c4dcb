#include "widgets/panels/curves_panel.h"

#include "widgets/panels/cursor_table.h"
#include "widgets/plot/legend_bar.h"
#include "widgets/plot/line_plot.h"

#include <QAction>
#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QToolButton>

// How the curves' panel is put together.
namespace stair {

namespace {

constexpr int leastPlotHeight = 140; // with its title: below it the labels would lie on each other

QComboBox* makeChoice(const char* name, const QString& accessible, const QString& tip)
{
    auto* box = new QComboBox;
    box->setObjectName(QLatin1String(name));
    box->setAccessibleName(accessible);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    return box;
}

QCheckBox* makeSwitch(const char* name, const QString& text, const QString& tip)
{
    auto* box = new QCheckBox(text);
    box->setObjectName(QLatin1String(name));
    box->setToolTip(tip);
    return box;
}

} // namespace

CurvesPanel::CurvesPanel(QAction* linkSteps, QWidget* parent)
    : QWidget(parent)
    , m_marks(new LegendBar)
    , m_groupMarks(new LegendBar)
    , m_layer(makeChoice("curveLayer", tr("Layer"), tr("The layer whose tensor is plotted")))
    , m_smoothing(makeChoice(
          "smoothing", tr("Smoothing"),
          tr("The bold curves are an exponential moving average of the batches over this many "
             "steps; the pale ones are the batches themselves.")))
    , m_seeds(makeChoice("seedBand", tr("Mean over seeds"),
                         tr("Runs whose settings differ in the seed alone become one curve: their "
                            "mean at the steps that all of them have, with a band around it; the "
                            "single runs stay as thin lines behind.")))
    , m_logSteps(makeSwitch("logSteps", tr("Log steps"), tr("Steps on a logarithmic axis")))
    , m_logValues(
          makeSwitch("logValues", tr("Log values"),
                     tr("Values on a logarithmic axis; what is not above zero is not drawn")))
    , m_cursors(new CursorTable)
{
    makeSlot(0, "lossPlot", tr("Quantity of the first plot"));
    makeSlot(1, "accuracyPlot", tr("Quantity of the second plot"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(makeBar(linkSteps));
    layout->addWidget(m_marks);
    layout->addWidget(m_groupMarks);
    m_plots = new QBoxLayout(QBoxLayout::TopToBottom);
    for (const Slot& slot : m_slots)
        m_plots->addWidget(slot.plot, 1);
    layout->addLayout(m_plots, 1);
    layout->addWidget(m_cursors);
    m_cursors->follow({m_slots[0].plot, m_slots[1].plot});
    linkPlots();
    setUpCurves();
    showLayers();
    m_choices = choices();
}

void CurvesPanel::makeSlot(int place, const char* name, const QString& accessible)
{
    Slot& slot = m_slots[std::size_t(place)];
    const CurveQuantity& first = curveQuantities()[std::size_t(place)];
    slot.plot = new LinePlot(first.title, first.yTitle, first.yEnd);
    slot.plot->setObjectName(QLatin1String(name));
    slot.plot->setMinimumHeight(leastPlotHeight);
    slot.plot->nameEnds();
    slot.curves = std::make_unique<RunCurves>(*slot.plot);
    slot.quantity = makeChoice(place == 0 ? "quantity0" : "quantity1", accessible, first.tip);
    for (const CurveQuantity& quantity : curveQuantities()) {
        if (quantity.isOfLayer() && slot.quantity->count() > 0
            && !slot.quantity->itemData(slot.quantity->count() - 1, Qt::UserRole + 1).toBool())
            slot.quantity->insertSeparator(slot.quantity->count());
        slot.quantity->addItem(quantity.title, quantity.id);
        const int row = slot.quantity->count() - 1;
        slot.quantity->setItemData(row, quantity.tip, Qt::ToolTipRole);
        slot.quantity->setItemData(row, quantity.isOfLayer(), Qt::UserRole + 1);
    }
    slot.quantity->setCurrentIndex(place);
    slot.quantity->setMinimumContentsLength(14);
    slot.quantity->view()->setMinimumWidth(slot.quantity->view()->sizeHintForColumn(0) + 24);
    slot.plot->setChooser(slot.quantity);
    connect(slot.quantity, &QComboBox::currentIndexChanged, this, [this, &slot] {
        setUpAgain(slot);
        showLayers();
        settle();
    });
}

QWidget* CurvesPanel::makeBar(QAction* linkSteps)
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_layer);
    auto* label = new QLabel(tr("Smoothing"));
    label->setBuddy(m_smoothing);
    row->addWidget(label);
    for (const int steps : {0, 10, 30, 100, 300})
        m_smoothing->addItem(steps == 0 ? tr("off") : tr("%1 steps").arg(steps), steps);
    m_smoothing->setCurrentIndex(1);
    row->addWidget(m_smoothing);
    auto* seeds = new QLabel(tr("Seeds"));
    seeds->setBuddy(m_seeds);
    row->addWidget(seeds);
    m_seeds->addItem(tr("single runs"), int(SeedBand::None));
    m_seeds->addItem(tr("mean ± sd"), int(SeedBand::Deviation));
    m_seeds->addItem(tr("mean, 95 %"), int(SeedBand::Interval));
    row->addWidget(m_seeds);
    row->addWidget(m_logSteps);
    row->addWidget(m_logValues);
    if (linkSteps) {
        auto* link = new QToolButton;
        link->setObjectName(QStringLiteral("linkSteps"));
        link->setDefaultAction(linkSteps);
        row->addWidget(link);
    }
    row->addStretch(1);
    m_groupMarks->hide();
    for (QComboBox* box : {m_smoothing, m_seeds}) {
        connect(box, &QComboBox::currentIndexChanged, this, &CurvesPanel::setUpCurves);
        connect(box, &QComboBox::currentIndexChanged, this, &CurvesPanel::settle);
    }
    for (const QCheckBox* box : {m_logSteps, m_logValues})
        connect(box, &QCheckBox::toggled, this, &CurvesPanel::settle);
    connect(m_layer, &QComboBox::currentTextChanged, this, [this] {
        for (Slot& slot : m_slots) {
            if (curveQuantity(slot.quantity->currentData().toString()).isOfLayer())
                setUpAgain(slot);
        }
    });
    connect(m_layer, &QComboBox::textActivated, this, &CurvesPanel::layerSelected);
    connect(m_logSteps, &QCheckBox::toggled, this,
            [this](bool on) { setLogarithmic(Qt::Horizontal, on); });
    connect(m_logValues, &QCheckBox::toggled, this,
            [this](bool on) { setLogarithmic(Qt::Vertical, on); });
    return bar;
}

void CurvesPanel::setLogarithmic(Qt::Orientation axis, bool logarithmic)
{
    for (Slot& slot : m_slots) {
        slot.plot->setLogarithmic(axis, logarithmic);
        slot.plot->refresh();
    }
}

void CurvesPanel::linkPlots()
{
    for (const Slot& from : m_slots) {
        for (const Slot& to : m_slots) {
            if (&from == &to)
                continue;
            connect(from.plot, &LinePlot::xRangeChanged, to.plot, &LinePlot::setXRange);
            connect(from.plot, &LinePlot::wentLive, to.plot, &LinePlot::goLive);
        }
        connect(from.plot, &LinePlot::xRangeChanged, this, &CurvesPanel::xRangeChanged);
        connect(from.plot, &LinePlot::wentLive, this, &CurvesPanel::wentLive);
        connect(from.plot, &LinePlot::logarithmicChanged, this,
                [this](Qt::Orientation axis, bool on) {
                    if (axis == Qt::Horizontal) // the plots have the same steps
                        m_logSteps->setChecked(on);
                });
    }
}

} // namespace stair
