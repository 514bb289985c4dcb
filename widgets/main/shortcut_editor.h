#pragma once

#include <QDialog>

class QAction;
class QKeySequenceEdit;
class QLabel;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;

namespace stair {

class ActionRegistry;
class ShortcutModel;

/// Chooses shortcuts: a table of all actions, and the keys of the chosen one. Keys that another
/// action has are told before they are taken from it. Takes effect at once; does not block.
class ShortcutEditor : public QDialog
{
    Q_OBJECT

public:
    /// `registry` must outlive this.
    explicit ShortcutEditor(ActionRegistry& registry, QWidget* parent = nullptr);

private:
    QWidget* buildKeys();
    QAction* chosen() const;
    void showChosen();
    void showConflict();
    void assign();

    ActionRegistry& m_registry;
    ShortcutModel* m_model = nullptr;
    QSortFilterProxyModel* m_proxy = nullptr;
    QTableView* m_table = nullptr;
    QKeySequenceEdit* m_keys = nullptr;
    QPushButton* m_assign = nullptr;
    QPushButton* m_none = nullptr;
    QPushButton* m_reset = nullptr;
    QLabel* m_conflict = nullptr;
};

/// All shortcuts as one page of text, by menu: the sheet behind Ctrl+/. In HTML.
QString shortcutSheet(const ActionRegistry& registry);

} // namespace stair
