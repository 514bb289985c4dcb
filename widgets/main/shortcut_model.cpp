#include "widgets/main/shortcut_model.h"

#include "widgets/main/action_registry.h"

#include <QAction>
#include <QFont>

#include <algorithm>
#include <iterator>

namespace stair {

ShortcutModel::ShortcutModel(ActionRegistry& registry, QObject* parent)
    : QAbstractTableModel(parent)
    , m_registry(registry)
{
    std::ranges::copy_if(registry.actions(), std::back_inserter(m_actions), &QAction::isVisible);
    connect(&registry, &ActionRegistry::shortcutsChanged, this,
            [this] { emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1)); });
}

QAction* ShortcutModel::action(const QModelIndex& index) const
{
    const auto row = std::size_t(index.row());
    return index.isValid() && row < m_actions.size() ? m_actions[row] : nullptr;
}

int ShortcutModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_actions.size());
}

int ShortcutModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant ShortcutModel::data(const QModelIndex& index, int role) const
{
    const QAction* row = action(index);
    if (!row)
        return {};
    if (role == Qt::ToolTipRole)
        return row->toolTip();
    if (role == Qt::FontRole && row->shortcut() != m_registry.standardShortcut(row)) {
        QFont bold;
        bold.setBold(true);
        return bold;
    }
    if (role != Qt::DisplayRole)
        return {};
    if (index.column() == ActionColumn)
        return m_registry.title(row);
    if (index.column() == MenuColumn)
        return m_registry.menuOf(row).replace(QLatin1Char('/'), QStringLiteral(", "));
    return row->shortcut().toString(QKeySequence::NativeText);
}

QVariant ShortcutModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const QString titles[ColumnCount] = {tr("Action"), tr("Menu"), tr("Shortcut")};
    return section >= 0 && section < ColumnCount ? titles[section] : QVariant();
}

} // namespace stair
