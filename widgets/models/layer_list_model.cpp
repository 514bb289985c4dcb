#include "widgets/models/layer_list_model.h"

#include "widgets/models/run_text.h"

#include <algorithm>
#include <cmath>

namespace stair {

LayerListModel::Row LayerListModel::makeRow(const LayersReport& report, const LayerParts& parts)
{
    Row row;
    row.name = QString::fromStdString(parts.name);
    row.sqnr = std::numeric_limits<double>::infinity();
    const auto take = [&](int index, int& bits) {
        const QuantizerReport& quantizer = report.quantizers[std::size_t(index)];
        bits = quantizer.bits;
        row.saturated = std::max(row.saturated, quantizer.saturated);
        row.sqnr = std::min(row.sqnr, quantizer.sqnr);
    };
    if (parts.weight >= 0)
        take(parts.weight, row.weightBits);
    for (const int activation : parts.activations)
        take(activation, row.activationBits);
    return row;
}

void LayerListModel::setReports(const std::vector<const LayersReport*>& reports)
{
    std::vector<Row> rows;
    for (const LayersReport* report : reports) {
        for (const LayerParts& parts : layerParts(*report)) {
            if (std::ranges::find(rows, QString::fromStdString(parts.name), &Row::name)
                == rows.end())
                rows.push_back(makeRow(*report, parts));
        }
    }
    if (!std::ranges::equal(rows, m_rows, {}, &Row::name, &Row::name)) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
    } else if (!rows.empty()) {
        m_rows = std::move(rows);
        emit dataChanged(index(0, Bits), index(rowCount() - 1, Columns - 1));
    }
}

QString LayerListModel::layer(int row) const
{
    return row >= 0 && row < rowCount() ? m_rows[std::size_t(row)].name : QString();
}

int LayerListModel::rowOf(const QString& layer) const
{
    const auto found = std::ranges::find(m_rows, layer, &Row::name);
    return found != m_rows.end() ? int(found - m_rows.begin()) : -1;
}

int LayerListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int LayerListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(Columns);
}

QString LayerListModel::text(const Row& row, int column) const
{
    const auto bits = [](int width) {
        return width > 0 ? QString::number(width) : QStringLiteral("–");
    };
    switch (column) {
    case Name:
        return row.name;
    case Bits:
        return row.weightBits == 0 && row.activationBits == 0
            ? tr("float")
            : QStringLiteral("%1 / %2").arg(bits(row.weightBits), bits(row.activationBits));
    case Saturated:
        return row.saturated < 0 ? QStringLiteral("–") : percentText(row.saturated);
    case Sqnr:
        return std::isfinite(row.sqnr) ? tr("%1 dB").arg(row.sqnr, 0, 'f', 1) : QStringLiteral("–");
    }
    return {};
}

QVariant LayerListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows[std::size_t(index.row())];
    if (role == Qt::DisplayRole)
        return text(row, index.column());
    if (role == Qt::TextAlignmentRole && index.column() != Name)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole)
        return index.column() == Name ? QVariant(row.name)
                                      : headerData(index.column(), Qt::Horizontal, role);
    return {};
}

QVariant LayerListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= Columns)
        return {};
    static const char* const titles[]
        = {QT_TR_NOOP("Layer"), QT_TR_NOOP("Bits"), QT_TR_NOOP("Cut off"), QT_TR_NOOP("SQNR")};
    static const char* const tips[]
        = {QT_TR_NOOP("Layer, in the network's order"),
           QT_TR_NOOP("Width in bits: weights / activations of the layer's output"),
           QT_TR_NOOP("Share of values that the grid's ends cut off; the greater of weights and "
                      "activations, newest record"),
           QT_TR_NOOP(
               "Signal to quantization noise, 10 log10(sum x² / sum (x − Q(x))²); the smaller of "
               "weights and activations, newest record")};
    if (role == Qt::DisplayRole)
        return tr(titles[section]);
    if (role == Qt::ToolTipRole)
        return tr(tips[section]);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((section == Name ? Qt::AlignLeft : Qt::AlignRight)
                                   | Qt::AlignVCenter);
    return {};
}

} // namespace stair
