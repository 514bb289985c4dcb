#include "widgets/models/layer_table_model.h"

#include "core/quant/methods.h"
#include "widgets/models/run_text.h"

#include <algorithm>

namespace stair {

namespace {

QString gridText(const Grid& grid)
{
    return LayerTableModel::tr("%1 levels, codes %2 to %3")
        .arg(grid.levels())
        .arg(grid.qn)
        .arg(grid.qp);
}

bool isWidth(int column)
{
    return column == LayerTableModel::WeightBitsColumn
        || column == LayerTableModel::SourceBitsColumn;
}

} // namespace

QString widthText(int bits)
{
    if (bits == floatBits)
        return LayerTableModel::tr("float");
    return bits == halfBits ? LayerTableModel::tr("half") : QString::number(bits);
}

std::vector<LayerBits> withWidths(std::vector<LayerBits> layers,
                                  const std::vector<std::string>& names, int weightBits,
                                  int activationBits)
{
    for (const std::string& name : names) {
        LayerBits wanted{.match = name, .weightBits = 0, .activationBits = 0};
        const auto own = std::ranges::find(layers, name, &LayerBits::match);
        if (own != layers.end()) {
            wanted = *own;
            layers.erase(own);
        }
        if (weightBits)
            wanted.weightBits = weightBits;
        if (activationBits)
            wanted.activationBits = activationBits;
        layers.push_back(wanted); // the last that matches counts
    }
    return layers;
}

LayerTableModel::LayerTableModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void LayerTableModel::setPlan(const QuantPlan& plan, const QuantSpec& quant)
{
    const auto sameLayers = [&] {
        return std::ranges::equal(plan.layers, m_plan.layers, {}, &LayerPlan::name,
                                  &LayerPlan::name);
    };
    m_quant = quant;
    if (sameLayers()) { // selection and place in the list stay
        m_plan = plan;
        if (rowCount() > 0)
            emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_plan = plan;
    endResetModel();
}

int LayerTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_plan.layers.size());
}

int LayerTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariantList LayerTableModel::widths(int column) const
{
    if (m_quant.isFloat())
        return {};
    const MethodInfo& info = method(m_quant.method);
    const BitRange& range
        = info.bits(column == WeightBitsColumn ? QuantizerKind::Weight : QuantizerKind::Activation);
    QVariantList list;
    for (int bits = range.least; bits <= std::min(8, range.most); ++bits)
        list += bits;
    list += floatBits;
    return list;
}

QString LayerTableModel::text(const LayerPlan& layer, int column) const
{
    switch (column) {
    case LayerColumn:
        return QString::fromStdString(layer.name);
    case TypeColumn:
        return layer.isLinear ? tr("linear") : layer.isDepthwise ? tr("depthwise") : tr("conv");
    case OutputColumn:
        return QStringLiteral("%1×%2×%3")
            .arg(layer.output.h)
            .arg(layer.output.w)
            .arg(layer.output.c);
    case WeightsColumn:
        return countText(double(layer.weights));
    case MacsColumn:
        return tr("%1 M").arg(double(layer.macs) / 1e6, 0, 'f', 2);
    case WeightBitsColumn:
        return widthText(layer.weightBits);
    case SourceBitsColumn:
        return widthText(layer.sourceBits);
    case KilobytesColumn:
        return QString::number(layer.kilobytes(), 'f', 1);
    default:
        return tr("%1 %").arg(100 * layer.bitOperations() / m_plan.bitOperations(), 0, 'f', 1);
    }
}

QVariant LayerTableModel::number(const LayerPlan& layer, int column) const
{
    switch (column) {
    case WeightsColumn:
        return qint64(layer.weights);
    case MacsColumn:
        return qint64(layer.macs);
    case WeightBitsColumn:
        return layer.weightBits;
    case SourceBitsColumn:
        return layer.sourceBits;
    case KilobytesColumn:
        return layer.kilobytes();
    case CostColumn:
        return layer.bitOperations();
    default:
        return text(layer, column);
    }
}

QString LayerTableModel::toolTip(const LayerPlan& layer, int column) const
{
    switch (column) {
    case WeightBitsColumn:
        return isCoded(layer.weightBits) ? tr("Weights: %1").arg(gridText(layer.weightGrid))
                                         : tr("Weights are not quantized: outside the proof");
    case SourceBitsColumn:
        return isCoded(layer.sourceBits)
            ? tr("The layer's input: %1").arg(gridText(layer.sourceGrid))
            : tr("The input is not quantized: the layer is outside the proof");
    case KilobytesColumn:
        return tr("Weights, bit-packed: %1 × %2 bits; %3 kB in float")
            .arg(countText(double(layer.weights)))
            .arg(layer.weightBits)
            .arg(double(layer.weights) * 4 / 1000, 0, 'f', 1);
    case CostColumn:
        return tr("Bit-operations: multiply-accumulates × weight bits × input bits = %1 G")
            .arg(layer.bitOperations() / 1e9, 0, 'f', 2);
    default:
        return QString::fromStdString(layer.name);
    }
}

QVariant LayerTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const LayerPlan& layer = m_plan.layers[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(layer, index.column());
    case Qt::EditRole:
        return isWidth(index.column()) ? number(layer, index.column())
                                       : QVariant(text(layer, index.column()));
    case SortRole:
        return number(layer, index.column());
    case WidthsRole:
        return isWidth(index.column()) ? QVariant(widths(index.column())) : QVariant();
    case Qt::ToolTipRole:
        return toolTip(layer, index.column());
    case Qt::TextAlignmentRole:
        return index.column() >= WeightsColumn ? int(Qt::AlignRight | Qt::AlignVCenter)
                                               : int(Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
}

bool LayerTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable)
        || !widths(index.column()).contains(value.toInt()))
        return false;
    emit widthAsked(index.row(), index.column(), value.toInt());
    return true;
}

Qt::ItemFlags LayerTableModel::flags(const QModelIndex& index) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return Qt::NoItemFlags;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    if (isWidth(index.column()) && !m_quant.isFloat())
        flags |= Qt::ItemIsEditable;
    return flags;
}

QVariant LayerTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const char* const titles[ColumnCount]
        = {QT_TR_NOOP("Layer"),   QT_TR_NOOP("Type"),       QT_TR_NOOP("Output"),
           QT_TR_NOOP("Weights"), QT_TR_NOOP("MACs"),       QT_TR_NOOP("W bits"),
           QT_TR_NOOP("A bits"),  QT_TR_NOOP("Packed, kB"), QT_TR_NOOP("Bit-ops")};
    static const char* const helps[ColumnCount] = {
        QT_TR_NOOP("Convolution and linear layers, in order"),
        "",
        QT_TR_NOOP("Height × width × channels of the layer's result"),
        QT_TR_NOOP("Number of weights, without bias and batch norm"),
        QT_TR_NOOP("Multiply-accumulates for one image"),
        QT_TR_NOOP("Width of the weights. Double-click or F2 to change; all selected rows follow"),
        QT_TR_NOOP("Width of the codes that the layer reads; layers that share an input may "
                   "differ"),
        QT_TR_NOOP("Weights in kilobytes of 1000 bytes, bit-packed"),
        QT_TR_NOOP("Share of the network's bit-operations: MACs × weight bits × input bits")};
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return tr(titles[section]);
    if (role == Qt::ToolTipRole)
        return tr(helps[section]);
    return {};
}

} // namespace stair
