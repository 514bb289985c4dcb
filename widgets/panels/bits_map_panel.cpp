#include "widgets/panels/bits_map_panel.h"

#include "core/analysis/sensitivity.h"
#include "widgets/models/run_text.h"
#include "widgets/panels/bits_map_delegate.h"
#include "widgets/panels/budget_bar.h"
#include "widgets/panels/chosen_row.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/plot/picture_menu.h"
#include "widgets/plot/plot_theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace stair {

namespace {

constexpr auto readBudget = std::chrono::milliseconds(8);

QString modeText(SensitivityMode mode)
{
    switch (mode) {
    case SensitivityMode::Weights:
        return BitsMapPanel::tr("one layer's weights");
    case SensitivityMode::Activations:
        return BitsMapPanel::tr("one layer's input");
    case SensitivityMode::AllBut:
        return BitsMapPanel::tr("all but one layer");
    case SensitivityMode::Only:
        break;
    }
    return BitsMapPanel::tr("one layer");
}

} // namespace

BitsMapPanel::BitsMapPanel(const QString& program, QWidget* parent)
    : QWidget(parent)
    , m_job(program)
    , m_notice(new NoticeStrip)
    , m_table(new QTableView)
    , m_budget(new BudgetBar(program))
{
    m_notice->setObjectName(QStringLiteral("mapNotice"));
    m_table->setObjectName(QStringLiteral("bitsMap"));
    m_table->setAccessibleName(tr("Accuracy by layer and bits"));
    m_table->setModel(&m_model);
    m_table->setItemDelegate(new BitsMapDelegate(this));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setHighlightSections(false);
    installPictureMenu(*m_table, [this] { return tableText(m_model); });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(buildHead());
    layout->addWidget(m_notice);
    layout->addWidget(m_table, 1);
    layout->addWidget(buildFoot());
    layout->addWidget(m_budget);
    wireBudget();
    connect(&m_job, &StairJob::finished, this, &BitsMapPanel::take);
    connect(&m_job, &StairJob::said, this,
            [this](const QString& line) { m_progress->setToolTip(line); });
    connect(&m_model, &BitsMapModel::changed, this, &BitsMapPanel::updateControls);
    connect(&m_model, &BitsMapModel::modelReset, this, [this] {
        const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
        if (m_model.columnCount() > 0)
            m_table->setColumnWidth(BitsMapModel::layerColumn, 26 * digit);
        for (int column = 1; column < m_model.columnCount(); ++column)
            m_table->setColumnWidth(column, 9 * digit);
        showLayer();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &BitsMapPanel::updateControls);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &BitsMapPanel::takeCurrent);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &BitsMapPanel::takeCurrent);
    updateControls();
}

void BitsMapPanel::wireBudget()
{
    connect(&m_model, &BitsMapModel::changed, m_budget, [this] {
        m_budget->setMap(m_run ? m_run->folder() : std::filesystem::path(), m_model.wholeMap());
    });
    connect(m_budget, &BudgetBar::proposed, this, [this](const BudgetBar::Widths& widths) {
        m_model.setProposed(std::map<std::string, int>(widths.begin(), widths.end()));
    });
    connect(m_budget, &BudgetBar::failed, this,
            [this](const QString& why) { m_notice->say(NoticeStrip::Kind::Error, why); });
    connect(m_budget, &BudgetBar::forkWanted, this, [this](const BudgetBar::Widths& widths) {
        std::vector<LayerBits> both;
        for (const auto& [layer, bits] : widths)
            both.push_back({layer, bits, bits});
        emit forkWanted(m_run->folder(), both);
    });
}

QWidget* BitsMapPanel::buildHead()
{
    auto* head = new QWidget;
    m_mode = new QComboBox;
    m_mode->setObjectName(QStringLiteral("mapMode"));
    m_mode->setAccessibleName(tr("What is given the width"));
    for (const SensitivityModeInfo& mode : sensitivityModes()) {
        m_mode->addItem(modeText(mode.mode), QString::fromStdString(mode.id));
        m_mode->setItemData(m_mode->count() - 1, QString::fromStdString(mode.help),
                            Qt::ToolTipRole);
    }
    connect(m_mode, &QComboBox::currentIndexChanged, this,
            [this] { m_model.setMode(m_mode->currentData().toString().toStdString()); });
    m_shown = new QComboBox;
    m_shown->setObjectName(QStringLiteral("mapShown"));
    m_shown->setAccessibleName(tr("What the cells show"));
    m_shown->addItem(tr("accuracy, points"), int(BitsMapModel::Shown::Drop));
    m_shown->addItem(tr("SQNR of weights, dB"), int(BitsMapModel::Shown::WeightSqnr));
    m_shown->addItem(tr("SQNR of inputs, dB"), int(BitsMapModel::Shown::ActivationSqnr));
    m_shown->addItem(tr("FIT (gradient)"), int(BitsMapModel::Shown::Fit));
    connect(m_shown, &QComboBox::currentIndexChanged, this,
            [this] { m_model.show(BitsMapModel::Shown(m_shown->currentData().toInt())); });
    m_images = new QSpinBox;
    m_images->setObjectName(QStringLiteral("mapImages"));
    m_images->setAccessibleName(tr("Images to measure with"));
    m_images->setRange(1, 1'000'000);
    m_images->setValue(5000);
    m_images->setSuffix(tr(" images"));
    m_split = new QComboBox;
    m_split->setObjectName(QStringLiteral("mapSplit"));
    m_split->setAccessibleName(tr("Whose images"));
    m_split->addItem(tr("of validation"), QStringLiteral("validation"));
    m_split->addItem(tr("of the test set"), QStringLiteral("test"));
    m_measure = new QPushButton(tr("Measure"));
    m_measure->setObjectName(QStringLiteral("mapMeasure"));
    connect(m_measure, &QPushButton::clicked, this, &BitsMapPanel::measure);
    m_progress = new QProgressBar;
    m_progress->setFormat(tr("%v of %m cells"));
    m_stop = new QToolButton;
    m_stop->setObjectName(QStringLiteral("mapStop"));
    m_stop->setText(tr("Stop"));
    m_stop->setToolTip(tr("Ends after the cell at hand; Measure goes on from there"));
    connect(m_stop, &QToolButton::clicked, &m_job, &StairJob::cancel);
    auto* layout = new QHBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_mode);
    layout->addWidget(m_shown);
    layout->addStretch(1);
    layout->addWidget(m_progress, 1);
    layout->addWidget(m_images);
    layout->addWidget(m_split);
    layout->addWidget(m_measure);
    layout->addWidget(m_stop);
    return head;
}

QWidget* BitsMapPanel::buildFoot()
{
    auto* foot = new QWidget;
    m_facts = new QLabel;
    m_facts->setObjectName(QStringLiteral("mapFacts"));
    m_facts->setWordWrap(true);
    m_apply = new QPushButton(tr("Use these widths"));
    m_apply->setObjectName(QStringLiteral("mapApply"));
    connect(m_apply, &QPushButton::clicked, this, &BitsMapPanel::apply);
    auto* layout = new QHBoxLayout(foot);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_facts, 1);
    layout->addWidget(m_apply);
    return foot;
}

void BitsMapPanel::setRuns(const std::vector<const RunLog*>& runs)
{
    m_run = runs.size() == 1 ? runs.front() : nullptr;
    m_model.setRun(m_run ? m_run->folder() : std::filesystem::path());
    showComplaint();
    offerSplits();
    refresh();
    updateControls();
}

/// A run that held no images out can only be measured on its test set.
void BitsMapPanel::offerSplits()
{
    const bool holdsOut = m_run && m_run->identity().validation > 0;
    m_split->setCurrentIndex(holdsOut || !m_run ? 0 : 1);
    m_split->setEnabled(holdsOut);
    m_split->setToolTip(
        holdsOut
            ? tr("Widths that are chosen by the test set make its figure look better than it is")
            : tr("This run held out no validation images (data.validation), so its test set is "
                 "measured: widths chosen by it make its figure look better than it is"));
}

void BitsMapPanel::refresh()
{
    m_model.poll(readBudget);
    if (m_run && (m_run->identity().validation > 0) != m_split->isEnabled())
        offerSplits(); // the run was set before it had its spec
}

void BitsMapPanel::selectLayer(const QString& name)
{
    m_wanted = name;
    showLayer();
}

void BitsMapPanel::takeCurrent()
{
    const QString name = chosenRow(*m_table).data(BitsMapModel::LayerRole).toString();
    if (name.isEmpty() || name == m_wanted)
        return;
    m_wanted = name;
    emit layerSelected(name);
}

void BitsMapPanel::showLayer()
{
    for (int row = 0; row < m_model.rowCount(); ++row)
        if (m_model.index(row, 0).data().toString() == m_wanted
            && m_table->currentIndex().row() != row)
            m_table->setCurrentIndex(m_model.index(row, 0));
}

SensitivityMode BitsMapPanel::mode() const
{
    return sensitivityMode(m_mode->currentData().toString().toStdString());
}

bool BitsMapPanel::isMeasuredShown() const
{
    return m_run && m_run->folder() == m_measured;
}

/// Why the measurement failed, under its own run alone.
void BitsMapPanel::showComplaint()
{
    m_notice->say(NoticeStrip::Kind::Error, isMeasuredShown() ? m_complaint : QString());
}

void BitsMapPanel::measure()
{
    m_notice->fallSilent();
    m_complaint.clear();
    m_measured = m_run->folder();
    m_measuredName = m_run->identity().name;
    m_job.start({QStringLiteral("sensitivity"), QString::fromStdString(m_run->folder().string()),
                 QStringLiteral("--modes"), m_mode->currentData().toString(),
                 QStringLiteral("--images"), QString::number(m_images->value()),
                 QStringLiteral("--split"), m_split->currentData().toString()});
    updateControls();
}

void BitsMapPanel::take(const StairJob::Outcome& outcome)
{
    refresh();
    if (outcome.code != 0 && !outcome.isCancelled) {
        m_complaint = outcome.complaint;
        if (isMeasuredShown())
            showComplaint();
    }
    updateControls();
    emit measured();
}

/// The widths of the selected cells, for the tensors that the mode measures. One a layer: of
/// several cells in a row the last one counts.
std::vector<LayerBits> BitsMapPanel::chosen() const
{
    std::map<int, int> widths; // by row, so in the network's order
    for (const QModelIndex& index : m_table->selectionModel()->selectedIndexes())
        if (const QVariant bits = index.data(BitsMapModel::BitsRole); bits.isValid())
            widths[index.row()] = bits.toInt();
    const bool isWeights = mode() != SensitivityMode::Activations;
    const bool isInput = mode() != SensitivityMode::Weights;
    std::vector<LayerBits> chosen;
    for (const auto& [row, bits] : widths)
        chosen.push_back({m_model.index(row, 0).data().toString().toStdString(),
                          isWeights ? bits : 0, isInput ? bits : 0});
    return chosen;
}

void BitsMapPanel::apply()
{
    emit forkWanted(m_run->folder(), chosen());
}

void BitsMapPanel::updateMeasuring()
{
    const bool isBusy = m_job.isRunning();
    const bool isHere = isBusy && isMeasuredShown();
    m_measure->setVisible(!isHere);
    m_measure->setEnabled(m_run && !isBusy);
    m_measure->setToolTip(isBusy ? tr("The run “%1” is being measured; this one can be when that "
                                      "has ended")
                                       .arg(m_measuredName)
                                 : QString());
    m_images->setVisible(!isHere);
    m_split->setVisible(!isHere);
    m_stop->setVisible(isHere);
    m_progress->setVisible(isHere);
    m_progress->setRange(0, std::max(1, m_model.cells()));
    m_progress->setValue(m_model.measured());
    m_mode->setEnabled(!isBusy); // the progress counts the cells of the one that is measured
}

void BitsMapPanel::updateApply(int cells)
{
    const bool isAllBut = mode() == SensitivityMode::AllBut;
    m_apply->setEnabled(cells > 0 && !isAllBut);
    m_apply->setToolTip(isAllBut ? tr("A cell of “all but one layer” has every other layer at its "
                                      "width: choose cells of one layer's map")
                                 : tr("Puts the run's settings with the selected widths into the "
                                      "form, to be trained on from its weights"));
}

void BitsMapPanel::updateControls()
{
    updateMeasuring();
    const int cells = int(chosen().size());
    updateApply(cells);
    if (!m_run) {
        m_facts->setText(tr("Select one run: the accuracy of its network with each layer at each "
                            "width appears here."));
        return;
    }
    if (!m_model.hasMap()) {
        m_facts->setText(
            tr("Not measured yet. Measure evaluates the integer program with one layer "
               "at a time at 2, 3, 4, 6 and 8 bits, cheapest cells first; it can be "
               "stopped and gone on with."));
        return;
    }
    QStringList facts;
    if (const auto base = m_model.baseTop1())
        facts += tr("The checkpoint that is measured: top-1 %1 on %2 %3 images.")
                     .arg(percentText(*base))
                     .arg(m_model.images())
                     .arg(QString::fromStdString(m_model.split()));
    if (const auto rho = m_model.correlation())
        facts += tr("Rank correlation of what is shown with the accuracy lost: %1 (Spearman).")
                     .arg(*rho, 0, 'f', 2);
    if (cells > 0)
        facts += tr("Layers selected: %1.").arg(cells);
    m_facts->setText(facts.join(QLatin1Char(' ')));
}

} // namespace stair
