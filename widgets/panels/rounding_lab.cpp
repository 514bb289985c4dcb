#include "widgets/panels/rounding_lab.h"

#include "core/quant/methods.h"
#include "widgets/models/lab_method_model.h"
#include "widgets/models/run_style.h"
#include "widgets/models/run_text.h"
#include "widgets/panels/lab_controls.h"
#include "widgets/panels/lab_params.h"
#include "widgets/plot/staircase_plot.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace stair {

namespace {

constexpr QSize sampleSize(40, 12);

} // namespace

RoundingLab::RoundingLab(QWidget* parent)
    : QWidget(parent)
    , m_methods(new LabMethodModel(this))
    , m_controls(new LabControls)
    , m_params(new LabParams)
    , m_plot(new StaircasePlot)
    , m_layers(new QComboBox)
    , m_table(new QTableView)
    , m_sentence(new QLabel)
    , m_use(new QPushButton(tr("Use in this run")))
{
    auto* left = new QWidget;
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_plot, 1);
    column->addWidget(m_sentence);
    m_sentence->setObjectName(QStringLiteral("sentence"));
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_sentence->setContentsMargins(6, 0, 6, 2);
    m_sentence->setMinimumHeight(2 * m_sentence->fontMetrics().lineSpacing() + 4);

    auto* split = new QSplitter;
    split->addWidget(left);
    split->addWidget(makeSide());
    split->setStretchFactor(0, 1);
    split->setCollapsible(0, false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    setWindowTitle(tr("Rounding lab"));
    takeIcons();
    fillLayers();
    connectParts();
    showMethods({"minmax", "asr", "aqe"});
}

RoundingLab::~RoundingLab() = default;

QWidget* RoundingLab::makeSide()
{
    auto* inner = new QWidget;
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(6, 6, 6, 6);
    column->setSpacing(6);
    m_layers->setObjectName(QStringLiteral("layers"));
    m_layers->setAccessibleName(tr("Layer"));
    m_layers->setToolTip(tr("The layer of the selected run whose values lie under the curves; its "
                            "width and step are taken over."));
    m_layers->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_layers->setMinimumContentsLength(8);
    m_table->setObjectName(QStringLiteral("methods"));
    m_table->setAccessibleName(tr("Methods"));
    m_table->setModel(m_methods);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setIconSize(sampleSize);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    QHeaderView* header = m_table->horizontalHeader();
    header->setSectionResizeMode(LabMethodModel::Name, QHeaderView::Stretch);
    const auto fix = [&](int section, const QString& widest) {
        header->setSectionResizeMode(section, QHeaderView::Fixed);
        header->resizeSection(section, fontMetrics().horizontalAdvance(widest) + 16);
    };
    fix(LabMethodModel::Bits, QStringLiteral("Bits"));
    fix(LabMethodModel::Flat, QStringLiteral("100.0 %"));
    fix(LabMethodModel::Sqnr, QStringLiteral("−10.0 dB"));
    m_table->setMinimumHeight(9 * (fontMetrics().height() + 6));
    m_use->setObjectName(QStringLiteral("use"));
    m_use->setToolTip(tr("Puts the selected method, its parameters and these bits into the setup "
                         "form, for weights and activations."));
    auto* params = new QScrollArea;
    params->setWidget(m_params);
    params->setWidgetResizable(true);
    params->setFrameShape(QFrame::NoFrame);
    params->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    params->setFocusPolicy(Qt::NoFocus);
    column->addWidget(m_layers);
    column->addWidget(m_controls);
    column->addWidget(m_table, 3);
    column->addWidget(params, 2);
    column->addWidget(m_use);
    inner->setMinimumWidth(fontMetrics().horizontalAdvance(QLatin1Char('0')) * 51);
    return inner;
}

void RoundingLab::connectParts()
{
    connect(m_controls, &LabControls::kindChosen, this, &RoundingLab::takeValues);
    connect(m_controls, &LabControls::changed, this, &RoundingLab::redraw);
    connect(m_methods, &LabMethodModel::shownChanged, this, &RoundingLab::redraw);
    connect(m_params, &LabParams::changed, this, [this] {
        m_methods->setParams(m_selected, m_params->values());
        redraw();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (!current.isValid())
                    return;
                m_selected = current.row();
                showParams();
                redraw();
            });
    connect(m_plot, &StaircasePlot::stepDragged, this, [this](double step) {
        m_controls->setStep(step);
        redraw();
    });
    connect(m_plot, &StaircasePlot::clipDragged, this, [this](double clip) {
        m_controls->setStep(clip / clipOverStep(m_methods->method(m_selected), scene()));
        redraw();
    });
    connect(m_plot, &StaircasePlot::rangeChanged, this, &RoundingLab::redraw);
    connect(m_layers, &QComboBox::activated, this, [this] {
        m_wanted = m_layers->currentData().toString();
        adoptLayer();
        emit layerSelected(m_wanted);
    });
    connect(m_use, &QPushButton::clicked, this, &RoundingLab::offerUse);
}

void RoundingLab::showMethods(const std::vector<std::string>& ids)
{
    for (int row = 0; row < m_methods->rowCount(); ++row)
        m_methods->setShown(row, std::ranges::find(ids, m_methods->method(row).id) != ids.end());
    if (!ids.empty() && m_methods->rowOf(ids.front()) >= 0)
        m_table->selectRow(m_methods->rowOf(ids.front()));
    showParams();
    redraw();
}

void RoundingLab::showParams()
{
    const LabMethod& chosen = m_methods->method(m_selected);
    const MethodInfo& info = method(chosen.id);
    m_params->setMethod(QString::fromStdString(info.title), info.params, chosen.params);
}

LabScene RoundingLab::scene() const
{
    LabScene scene = m_controls->scene();
    scene.from = m_plot->from();
    scene.to = m_plot->to();
    if (!m_values.counts.empty() && scene.kind == QuantizerKind::Weight)
        scene.reach = m_values.to();
    return scene;
}

void RoundingLab::redraw()
{
    sample();
    const double from = m_plot->from(), to = m_plot->to();
    m_plot->follow();
    if (m_plot->from() != from || m_plot->to() != to)
        sample(); // the axes have grown
    m_plot->redraw();
}

/// Gives the plot, the table and the text what the methods do in the present scene.
void RoundingLab::sample()
{
    const LabScene scene = this->scene();
    m_controls->setClipSteps(clipOverStep(m_methods->method(m_selected), scene));
    std::vector<StaircaseCurve> curves;
    std::vector<double> levels;
    bool isAnyShown = false;
    m_params->setProblem({});
    m_sentence->clear();
    for (int row = 0; row < m_methods->rowCount(); ++row) {
        const LabMethod& method = m_methods->method(row);
        const bool isShown = m_methods->isShown(row);
        if (!isShown && row != m_selected)
            continue;
        isAnyShown |= isShown;
        LabCurves sampled = sampleMethod(method, scene);
        LabEffect effect;
        if (sampled.problem.isEmpty() && !m_values.counts.empty())
            effect = effectOn(method, scene, m_values);
        m_methods->setResult(row, sampled.bits, sampled.problem, effect);
        if (row == m_selected)
            showState(method, sampled, effect);
        if (!isShown || !sampled.problem.isEmpty())
            continue;
        // The ticks are the selected method's levels, or the first one's.
        if (levels.empty() || row == m_selected)
            levels = sampled.levels;
        const RunStyle style = methodStyle(method.id);
        curves.push_back({QString::fromStdString(stair::method(method.id).title), style.hue,
                          style.dash, std::move(sampled.x), std::move(sampled.forward),
                          std::move(sampled.surrogate), std::move(sampled.slope),
                          std::move(sampled.error)});
    }
    if (!isAnyShown)
        m_sentence->setText(tr("Tick a method on the right: its staircase, surrogate, slope and "
                               "error will be drawn here."));
    m_plot->setCurves(std::move(curves));
    m_plot->setLevels(levels);
    m_plot->setHandles(scene.step, m_controls->clip());
}

void RoundingLab::showState(const LabMethod& method, const LabCurves& sampled,
                            const LabEffect& effect)
{
    m_params->setProblem(sampled.problem);
    m_use->setEnabled(sampled.problem.isEmpty());
    if (!sampled.problem.isEmpty())
        return;
    const QString madeUp = sampled.hasOwnCodeStep && !m_controls->scene().codeStepRatio
        ? tr(" Training takes the code step from the weights; here it is the step.")
        : QString();
    const QString title = QString::fromStdString(stair::method(method.id).title);
    if (effect.values <= 0) {
        m_sentence->setText(
            (m_log ? tr(
                 "Choose a layer on the right to see its values under the curves, and how many "
                 "of them lose their gradient.")
                   : tr("Select a run that recorded its layers to see a layer's values under the "
                        "curves, and how many of them lose their gradient."))
            + madeUp);
        return;
    }
    m_sentence->setText(
        tr("%1 is flat (|slope| < %2) for %3 of the %4 values of %5 at step %6, if each counts "
           "alike: their gradient is lost. MSE %7, SQNR %8 dB.")
            .arg(title)
            .arg(flatSlope)
            .arg(percentText(effect.flat), countText(effect.values), m_layers->currentText(),
                 countText(m_valuesStep))
            .arg(effect.meanSquaredError, 0, 'g', 3)
            .arg(effect.sqnr, 0, 'f', 1)
        + madeUp);
}

} // namespace stair
