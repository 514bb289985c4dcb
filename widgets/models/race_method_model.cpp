#include "widgets/models/race_method_model.h"

#include <algorithm>

namespace stair {

void RaceMethodModel::setEntrants(const std::vector<RaceEntrant>& entrants)
{
    beginResetModel();
    m_rows = entrants;
    if (!m_hasBeenFilled && !m_rows.empty()) {
        m_hasBeenFilled = true;
        // STE is min-max's from 2 bits on, and BNN's at one.
        const auto can = [this](const char* id) {
            const auto row = std::ranges::find(m_rows, id, &RaceEntrant::method);
            return row != m_rows.end() && row->problem.isEmpty();
        };
        for (const char* id : {can("minmax") ? "minmax" : "bnn", "asr", "aqe"})
            m_ticked.emplace_back(id);
    }
    endResetModel();
    emit chosenChanged();
}

bool RaceMethodModel::isTicked(const std::string& method) const
{
    return std::ranges::find(m_ticked, method) != m_ticked.end();
}

std::vector<std::string> RaceMethodModel::chosen() const
{
    std::vector<std::string> ids;
    for (const RaceEntrant& row : m_rows) {
        if (row.problem.isEmpty() && isTicked(row.method))
            ids.push_back(row.method);
    }
    return ids;
}

int RaceMethodModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int RaceMethodModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant RaceMethodModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RaceEntrant& row = entrant(index.row());
    switch (role) {
    case Qt::DisplayRole:
        if (index.column() == Method)
            return row.title;
        return row.problem.isEmpty() ? row.help : tr("Cannot race: %1").arg(row.problem);
    case Qt::ToolTipRole:
        return row.problem.isEmpty() ? row.help : row.problem;
    case Qt::CheckStateRole:
        if (index.column() != Method)
            return {};
        return isTicked(row.method) && row.problem.isEmpty() ? Qt::Checked : Qt::Unchecked;
    default:
        return {};
    }
}

bool RaceMethodModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || !index.isValid() || index.column() != Method
        || !entrant(index.row()).problem.isEmpty())
        return false;
    const std::string& method = entrant(index.row()).method;
    std::erase(m_ticked, method);
    if (value.toInt() == Qt::Checked)
        m_ticked.push_back(method);
    emit dataChanged(index, index);
    emit chosenChanged();
    return true;
}

Qt::ItemFlags RaceMethodModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    // A row that cannot race can still be gone to, to read why.
    Qt::ItemFlags flags = Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
    if (index.column() == Method && entrant(index.row()).problem.isEmpty())
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

QVariant RaceMethodModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Method ? tr("Method") : tr("What it does, or why it cannot race");
}

} // namespace stair
