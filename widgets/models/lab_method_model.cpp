#include "widgets/models/lab_method_model.h"

#include "core/quant/methods.h"
#include "widgets/models/run_text.h"

#include <algorithm>

namespace stair {

LabMethodModel::LabMethodModel(QObject* parent)
    : QAbstractTableModel(parent)
{
    for (const MethodInfo& info : methods()) {
        if (!info.quantizes())
            continue;
        Row row;
        row.method = {info.id, ParamValues(info.params).toJson()};
        row.title = QString::fromStdString(info.title);
        row.help = tr("<p>%1</p><p>Source: %2</p>")
                       .arg(QString::fromStdString(info.help).toHtmlEscaped(),
                            QString::fromStdString(info.source).toHtmlEscaped());
        m_rows.push_back(std::move(row));
    }
}

int LabMethodModel::rowOf(const std::string& id) const
{
    const auto found
        = std::ranges::find_if(m_rows, [&](const Row& row) { return row.method.id == id; });
    return found != m_rows.end() ? int(found - m_rows.begin()) : -1;
}

void LabMethodModel::setShown(int row, bool shown)
{
    if (m_rows[std::size_t(row)].isShown == shown)
        return;
    m_rows[std::size_t(row)].isShown = shown;
    emit dataChanged(index(row, Name), index(row, Columns - 1));
}

void LabMethodModel::setParams(int row, const Json& params)
{
    m_rows[std::size_t(row)].method.params = params;
}

void LabMethodModel::setIcon(int row, const QIcon& icon)
{
    m_rows[std::size_t(row)].icon = icon;
    emit dataChanged(index(row, Name), index(row, Name), {Qt::DecorationRole});
}

void LabMethodModel::setResult(int row, int bits, const QString& problem, const LabEffect& effect)
{
    Row& target = m_rows[std::size_t(row)];
    target.bits = bits;
    target.problem = problem;
    target.effect = effect;
    emit dataChanged(index(row, Bits), index(row, Columns - 1));
}

int LabMethodModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int LabMethodModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(Columns);
}

QString LabMethodModel::text(const Row& row, int column) const
{
    if (column == Name)
        return row.title;
    if (!row.isShown)
        return {};
    if (!row.problem.isEmpty())
        return column == Bits ? tr("!") : QString();
    if (column == Bits)
        return QString::number(row.bits);
    if (row.effect.values <= 0)
        return {};
    return column == Flat ? percentText(row.effect.flat)
                          : tr("%1 dB").arg(row.effect.sqnr, 0, 'f', 1);
}

QVariant LabMethodModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows[std::size_t(index.row())];
    const bool isName = index.column() == Name;
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::CheckStateRole:
        return isName ? QVariant(row.isShown ? Qt::Checked : Qt::Unchecked) : QVariant();
    case Qt::DecorationRole:
        return isName ? QVariant(row.icon) : QVariant();
    case Qt::ToolTipRole:
        if (!row.problem.isEmpty())
            return row.problem;
        return isName ? QVariant(row.help) : headerData(index.column(), Qt::Horizontal, role);
    case Qt::TextAlignmentRole:
        return isName ? QVariant() : QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    }
    return {};
}

bool LabMethodModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || index.column() != Name)
        return false;
    setShown(index.row(), value.toInt() == Qt::Checked);
    emit shownChanged();
    return true;
}

Qt::ItemFlags LabMethodModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags own = QAbstractTableModel::flags(index);
    return index.isValid() && index.column() == Name ? own | Qt::ItemIsUserCheckable : own;
}

QVariant LabMethodModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= Columns)
        return {};
    static const char* const titles[]
        = {QT_TR_NOOP("Method"), QT_TR_NOOP("Bits"), QT_TR_NOOP("Flat"), QT_TR_NOOP("SQNR")};
    static const char* const tips[] = {
        QT_TR_NOOP("Tick the methods to draw; the selected one has its parameters below"),
        QT_TR_NOOP("Width in effect: the nearest to the one asked for that the method has"),
        QT_TR_NOOP("Share of the layer's values where |slope| < 0.05: their gradient is lost. "
                   "From the layer's histogram, each value counted alike, whatever its "
                   "gradient's size"),
        QT_TR_NOOP("10 log10(sum x² / sum (x − Q(x))²) over the layer's histogram, each bin at its "
                   "centre")};
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
