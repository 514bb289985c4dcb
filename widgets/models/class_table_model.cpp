#include "widgets/models/class_table_model.h"

#include "widgets/models/run_text.h"

#include <algorithm>

namespace stair {

void ClassTableModel::setCounts(const std::vector<std::string>& names, std::vector<int> train,
                                std::vector<int> validation, std::vector<int> test)
{
    beginResetModel();
    m_names = names;
    m_counts[0] = std::move(train);
    m_counts[1] = std::move(validation);
    m_counts[2] = std::move(test);
    endResetModel();
}

int ClassTableModel::most() const
{
    return m_counts[0].empty() ? 0 : *std::ranges::max_element(m_counts[0]);
}

int ClassTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_names.size());
}

int ClassTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant ClassTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto row = std::size_t(index.row());
    if (index.column() == ClassColumn) {
        if (role == CountRole)
            return index.row();
        const bool isText = role == Qt::DisplayRole || role == Qt::ToolTipRole;
        return isText ? QVariant(QString::fromStdString(m_names[row])) : QVariant();
    }
    const int count = m_counts[index.column() - TrainColumn][row];
    switch (role) {
    case Qt::DisplayRole:
        return countText(count);
    case CountRole:
        return count;
    case Qt::TextAlignmentRole:
        return int(Qt::AlignRight | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant ClassTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const char* const titles[ColumnCount] = {QT_TR_NOOP("Class"), QT_TR_NOOP("Training"),
                                                    QT_TR_NOOP("Validation"), QT_TR_NOOP("Test")};
    static const char* const helps[ColumnCount]
        = {QT_TR_NOOP("Classes in the order of the network's outputs"),
           QT_TR_NOOP("Images to learn from, those held out not counted"),
           QT_TR_NOOP("Training images held out (data.validation)"), QT_TR_NOOP("Images to test")};
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return tr(titles[section]);
    return role == Qt::ToolTipRole ? QVariant(tr(helps[section])) : QVariant();
}

} // namespace stair
