#include "widgets/models/export_model.h"

#include "core/exchange/export_formats.h"

#include <QLocale>

namespace stair {

namespace {

const ExportFormat& formatOf(int row)
{
    return exportFormats()[std::size_t(row)];
}

QString sizeText(qint64 bytes)
{
    if (bytes < 0)
        return {};
    return ExportModel::tr("%1 kB").arg(QLocale().toString(double(bytes) / 1000, 'f', 1));
}

} // namespace

ExportModel::ExportModel(QObject* parent)
    : QAbstractTableModel(parent)
    , m_rows(exportFormats().size())
{
    m_rows.front().isChosen = true;
}

void ExportModel::setSizes(const Json& document)
{
    for (Row& row : m_rows)
        row = {.isChosen = row.isChosen, .refusal = {}, .bytes = -1};
    m_hasSizes = !document.is_null();
    if (m_hasSizes) {
        m_floatBytes = document.at("float_bytes").get<double>();
        for (const Json& entry : document.at("formats"))
            for (int i = 0; i < int(m_rows.size()); ++i) {
                Row& row = m_rows[std::size_t(i)];
                if (entry.at("format") != formatOf(i).id)
                    continue;
                row.refusal = QString::fromStdString(entry.value("refusal", ""));
                row.bytes = entry.value("bytes", qint64(-1));
                row.isChosen = row.isChosen && row.refusal.isEmpty();
            }
    }
    emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    emit choiceChanged();
}

std::vector<std::string> ExportModel::chosen() const
{
    std::vector<std::string> ids;
    for (int i = 0; i < int(m_rows.size()); ++i)
        if (m_rows[std::size_t(i)].isChosen)
            ids.push_back(formatOf(i).id);
    return ids;
}

void ExportModel::choose(const std::string& id)
{
    for (int i = 0; i < int(m_rows.size()); ++i)
        m_rows[std::size_t(i)].isChosen
            = formatOf(i).id == id && m_rows[std::size_t(i)].refusal.isEmpty();
    emit dataChanged(index(0, 0), index(rowCount() - 1, 0), {Qt::CheckStateRole});
    emit choiceChanged();
}

int ExportModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ExportModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant ExportModel::text(const QModelIndex& index) const
{
    const Row& row = m_rows[std::size_t(index.row())];
    switch (index.column()) {
    case FormatColumn:
        return QString::fromStdString(formatOf(index.row()).title);
    case SizeColumn:
        return sizeText(row.bytes);
    case SmallerColumn:
        return row.bytes <= 0 ? QString()
                              : tr("%1 ×").arg(m_floatBytes / double(row.bytes), 0, 'f', 1);
    default:
        return row.refusal.isEmpty() ? QString::fromStdString(formatOf(index.row()).help)
                                     : tr("Not for this model: %1").arg(row.refusal);
    }
}

QVariant ExportModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(index);
    case Qt::ToolTipRole:
        return text(this->index(index.row(), PurposeColumn));
    case Qt::TextAlignmentRole:
        return index.column() == SizeColumn || index.column() == SmallerColumn
            ? int(Qt::AlignRight | Qt::AlignVCenter)
            : int(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::CheckStateRole:
        if (index.column() == FormatColumn)
            return m_rows[std::size_t(index.row())].isChosen ? Qt::Checked : Qt::Unchecked;
        return {};
    default:
        return {};
    }
}

bool ExportModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != Qt::CheckStateRole
        || index.column() != FormatColumn)
        return false;
    m_rows[std::size_t(index.row())].isChosen = value.toInt() == Qt::Checked;
    emit dataChanged(index, index, {Qt::CheckStateRole});
    emit choiceChanged();
    return true;
}

Qt::ItemFlags ExportModel::flags(const QModelIndex& index) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return Qt::NoItemFlags;
    if (!m_rows[std::size_t(index.row())].refusal.isEmpty())
        return Qt::ItemNeverHasChildren;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    if (index.column() == FormatColumn)
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

QVariant ExportModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::ToolTipRole && section == SmallerColumn)
        return tr("Bytes of the weights as 32-bit floats, batch norm folded, over the bytes of the "
                  "file");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case FormatColumn:
        return tr("Format");
    case SizeColumn:
        return tr("Size");
    case SmallerColumn:
        return tr("Smaller");
    default:
        return tr("For");
    }
}

} // namespace stair
