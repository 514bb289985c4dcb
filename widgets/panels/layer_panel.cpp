#include "widgets/panels/layer_panel.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/zoo/networks.h"
#include "widgets/panels/chosen_row.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace stair {

namespace {

/// A list of the widths that the method has.
class WidthDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem&,
                          const QModelIndex& index) const override
    {
        auto* box = new QComboBox(parent);
        box->setAccessibleName(
            LayerPanel::tr("%1 of %2")
                .arg(index.model()->headerData(index.column(), Qt::Horizontal).toString(),
                     index.siblingAtColumn(0).data().toString()));
        for (const QVariant& width : index.data(LayerTableModel::WidthsRole).toList())
            box->addItem(widthText(width.toInt()), width);
        connect(box, &QComboBox::activated, this, [this, box] {
            auto* self = const_cast<WidthDelegate*>(this);
            emit self->commitData(box);
            emit self->closeEditor(box);
        });
        return box;
    }

    void setEditorData(QWidget* editor, const QModelIndex& index) const override
    {
        auto* box = static_cast<QComboBox*>(editor);
        box->setCurrentIndex(box->findData(index.data(Qt::EditRole)));
    }

    void setModelData(QWidget* editor, QAbstractItemModel* model,
                      const QModelIndex& index) const override
    {
        model->setData(index, static_cast<QComboBox*>(editor)->currentData(), Qt::EditRole);
    }
};

QString timesText(double whole, double part)
{
    return part > 0 ? LayerPanel::tr("%1 × less").arg(whole / part, 0, 'f', 1) : QString();
}

} // namespace

LayerPanel::LayerPanel(QWidget* parent)
    : QWidget(parent)
    , m_sorted(new QSortFilterProxyModel(this))
    , m_table(new QTableView)
    , m_totals(new QLabel)
    , m_time(new QLabel)
{
    m_sorted->setSourceModel(&m_model);
    m_sorted->setSortRole(LayerTableModel::SortRole);
    m_table->setObjectName(QStringLiteral("layerTable"));
    m_table->setAccessibleName(tr("Layers"));
    m_table->setModel(m_sorted);
    m_table->setItemDelegateForColumn(LayerTableModel::WeightBitsColumn, new WidthDelegate(this));
    m_table->setItemDelegateForColumn(LayerTableModel::SourceBitsColumn, new WidthDelegate(this));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder); // the network's own order
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setHighlightSections(false);
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    const int widths[LayerTableModel::ColumnCount] = {24, 10, 11, 11, 10, 8, 8, 11, 9};
    for (int i = 0; i < LayerTableModel::ColumnCount; ++i)
        m_table->setColumnWidth(i, widths[i] * digit);
    m_totals->setObjectName(QStringLiteral("layerTotals"));
    m_totals->setWordWrap(true);
    m_totals->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_time->setObjectName(QStringLiteral("epochTime"));
    m_time->setWordWrap(true);
    m_time->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_time->setToolTip(
        tr("Some steps of the experiment in the form, with its data and threads, are "
           "timed at a low priority; evaluations come on top"));

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(m_table, 1);
    layout->addWidget(buildBar());
    layout->addWidget(m_totals);
    layout->addWidget(m_time);
    connect(&m_model, &LayerTableModel::widthAsked, this, &LayerPanel::applyCell);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &LayerPanel::takeCurrent);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &LayerPanel::takeCurrent);
    connect(m_sorted, &QAbstractItemModel::modelReset, this, &LayerPanel::showLayer);
}

QWidget* LayerPanel::buildBar()
{
    auto* bar = new QWidget;
    m_pattern = new QLineEdit;
    m_pattern->setObjectName(QStringLiteral("layerPattern"));
    m_pattern->setPlaceholderText(tr("name pattern, as in stage1.*"));
    m_pattern->setAccessibleName(tr("Name pattern"));
    m_pattern->setToolTip(tr("* stands for any text, ? for one character; the last entry that "
                             "matches a layer counts"));
    const auto widthBox = [](const char* name, const QString& accessible) {
        auto* box = new QComboBox;
        box->setObjectName(QLatin1String(name));
        box->setAccessibleName(accessible);
        return box;
    };
    m_weightBits = widthBox("patternWeights", tr("Weight bits for the pattern"));
    m_sourceBits = widthBox("patternSources", tr("Activation bits for the pattern"));
    m_apply = new QPushButton(tr("Set"));
    m_apply->setObjectName(QStringLiteral("patternApply"));
    m_reset = new QPushButton(tr("Reset layers"));
    m_reset->setObjectName(QStringLiteral("layersReset"));
    m_reset->setToolTip(tr("Every layer has the experiment's own widths again"));
    connect(m_apply, &QPushButton::clicked, this, &LayerPanel::applyPattern);
    connect(m_pattern, &QLineEdit::returnPressed, this, &LayerPanel::applyPattern);
    connect(m_reset, &QPushButton::clicked, this, [this] { emit layersEdited({}); });
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pattern, 1);
    layout->addWidget(new QLabel(tr("W")));
    layout->addWidget(m_weightBits);
    layout->addWidget(new QLabel(tr("A")));
    layout->addWidget(m_sourceBits);
    layout->addWidget(m_apply);
    layout->addWidget(m_reset);
    return bar;
}

void LayerPanel::setSpec(const ExperimentSpec& spec, const std::optional<Shape>& image, int classes)
{
    m_spec = spec;
    if (!image) {
        setProblem(tr("The layers appear when the data set is known."));
        return;
    }
    try {
        const Graph graph
            = network(spec.network.id).build(image->withImages(1), classes, spec.network.params);
        m_model.setPlan(planQuantization(graph, spec.quant), spec.quant);
    } catch (const Error& error) {
        setProblem(QString::fromUtf8(error.what()));
        return;
    }
    m_table->setEnabled(true);
    m_pattern->setEnabled(true);
    fillWidths();
    showTotals();
}

void LayerPanel::setProblem(const QString& text)
{
    m_totals->setText(text);
    m_table->setEnabled(false);
    m_pattern->setEnabled(false);
    m_apply->setEnabled(false);
    m_reset->setEnabled(false);
}

void LayerPanel::setEpochTime(const QString& text)
{
    m_time->setText(text);
}

void LayerPanel::selectLayer(const QString& name)
{
    m_wanted = name;
    showLayer();
}

void LayerPanel::takeCurrent()
{
    const QString name = chosenRow(*m_table).siblingAtColumn(0).data().toString();
    if (name.isEmpty() || name == m_wanted)
        return;
    m_wanted = name;
    emit layerSelected(name);
}

void LayerPanel::showLayer()
{
    for (int row = 0; row < m_sorted->rowCount(); ++row) {
        if (m_sorted->index(row, 0).data().toString() != m_wanted)
            continue;
        if (m_table->currentIndex().row() != row)
            m_table->setCurrentIndex(m_sorted->index(row, 0));
        return;
    }
}

/// The widths that the method has, behind "as it is".
void LayerPanel::fillWidths()
{
    const auto fill = [this](QComboBox* box, int column) {
        const QVariant before = box->currentData();
        box->clear();
        box->addItem(tr("–"), 0);
        if (m_model.rowCount() > 0)
            for (const QVariant& width :
                 m_model.index(0, column).data(LayerTableModel::WidthsRole).toList())
                box->addItem(widthText(width.toInt()), width);
        box->setCurrentIndex(std::max(0, box->findData(before)));
    };
    fill(m_weightBits, LayerTableModel::WeightBitsColumn);
    fill(m_sourceBits, LayerTableModel::SourceBitsColumn);
    const bool quantizes = !m_spec.quant.isFloat();
    m_apply->setEnabled(quantizes);
    m_reset->setEnabled(quantizes && !m_spec.quant.layers.empty());
}

/// The cell's row, and all other selected rows with it.
void LayerPanel::applyCell(int row, int column, int bits)
{
    std::vector<std::string> names{m_model.plan().layers[std::size_t(row)].name};
    bool isSelected = false;
    std::vector<std::string> selected;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows()) {
        const int other = m_sorted->mapToSource(index).row();
        selected.push_back(m_model.plan().layers[std::size_t(other)].name);
        isSelected = isSelected || other == row;
    }
    if (isSelected)
        names = selected;
    const bool isWeight = column == LayerTableModel::WeightBitsColumn;
    emit layersEdited(
        withWidths(m_spec.quant.layers, names, isWeight ? bits : 0, isWeight ? 0 : bits));
}

void LayerPanel::applyPattern()
{
    const std::string pattern = m_pattern->text().trimmed().toStdString();
    const int weights = m_weightBits->currentData().toInt();
    const int sources = m_sourceBits->currentData().toInt();
    if (pattern.empty() || (weights == 0 && sources == 0)) {
        m_totals->setText(tr("A pattern and at least one width are needed."));
        return;
    }
    const bool fits = std::ranges::any_of(m_model.plan().layers, [&](const LayerPlan& layer) {
        return matches(layer.name, pattern);
    });
    if (!fits) {
        m_totals->setText(tr("No layer's name matches %1.").arg(m_pattern->text().trimmed()));
        return;
    }
    emit layersEdited(withWidths(m_spec.quant.layers, {pattern}, weights, sources));
}

void LayerPanel::showTotals()
{
    const QuantPlan& plan = m_model.plan();
    QStringList lines;
    lines += tr("Weights: %1 kB packed, %2 kB in float (%3).")
                 .arg(plan.kilobytes(), 0, 'f', 1)
                 .arg(plan.floatKilobytes(), 0, 'f', 1)
                 .arg(timesText(plan.floatKilobytes(), plan.kilobytes()));
    lines
        += tr("%1 M multiply-accumulates an image; %2 G bit-operations (%3 than float's 32 × 32).")
               .arg(double(plan.macs()) / 1e6, 0, 'f', 1)
               .arg(plan.bitOperations() / 1e9, 0, 'f', 2)
               .arg(timesText(plan.floatBitOperations(), plan.bitOperations()));
    const std::vector<std::string> floats = plan.floatLayers();
    if (floats.empty())
        lines
            += tr("Every layer computes in integers: the accuracy shown is the shipped program's.");
    else if (floats.size() == plan.layers.size())
        lines += tr("Every layer computes in float.");
    else
        lines += tr("Not proved, computed in float: %1.")
                     .arg(QString::fromStdString(joinNames(floats)));
    m_totals->setText(lines.join(QLatin1Char('\n')));
}

} // namespace stair
