#pragma once

#include <QAbstractTableModel>

#include <vector>

class QAction;

namespace stair {

class ActionRegistry;

/// Every action that is to be seen when the model is made, with its menu and its shortcut.
class ShortcutModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        ActionColumn,
        MenuColumn,
        ShortcutColumn,
        ColumnCount
    };

    /// `registry` must outlive this.
    explicit ShortcutModel(ActionRegistry& registry, QObject* parent = nullptr);

    QAction* action(const QModelIndex& index) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    ActionRegistry& m_registry;
    std::vector<QAction*> m_actions;
};

} // namespace stair
