#pragma once

#include <QKeySequence>
#include <QObject>
#include <QString>

#include <functional>
#include <vector>

class QAction;
class QMenu;
class QMenuBar;
class QWidget;

namespace stair {

/// One thing that the user can do.
struct ActionRow
{
    QString id; // shortcuts are saved under it: never rename
    QString text; // in sentence case, with a verb
    QString menu; // "Run", or "File/Recent"; empty: in the palette alone
    QKeySequence shortcut = {}; // unless the user has chosen another
    QString tip = {}; // what it does, where the text does not say all
    int group = 0; // a separator stands between groups of one menu
};

/// Every action of the window, in one list: menus, command palette, shortcut editor and the sheet of
/// shortcuts are made from it.
class ActionRegistry : public QObject
{
    Q_OBJECT

public:
    /// `window` owns the actions; their shortcuts work wherever the focus is in it, or where they
    /// are confined to.
    explicit ActionRegistry(QWidget* window);

    /// Throws Error when the id is taken.
    QAction* add(const ActionRow& row, std::function<void()> run = {});

    QAction* find(const QString& id) const; // null when there is none
    const std::vector<QAction*>& actions() const { return m_actions; }
    QString menuOf(const QAction* action) const;
    QString title(const QAction* action) const; // its text as it came, plain

    /// Makes the menus of all actions added so far, in the order of the titles that come first in
    /// `order` ("&File", ...). A menu without actions is left out.
    void fillMenus(QMenuBar* bar, const QStringList& order);

    /// From now on its keys count in `place` and what is in it alone.
    void confine(QAction* action, QWidget* place);

    /// The action's tool tip, with its shortcut behind it.
    void setTip(QAction* action, const QString& tip);

    /// Takes effect at once and is saved; an empty sequence means none.
    void setShortcut(QAction* action, const QKeySequence& keys);
    void resetShortcut(QAction* action);
    QKeySequence standardShortcut(const QAction* action) const;

    /// Another action that has these keys where they would count for `except`; null when they are
    /// free.
    QAction* holderOf(const QKeySequence& keys, const QAction* except) const;

signals:
    void shortcutsChanged();

private:
    void showTip(QAction* action) const;

    QWidget* m_window;
    std::vector<QAction*> m_actions;
};

/// The present text of an action without the mark of its mnemonic and the dots that announce a dialog.
QString plainText(const QAction* action);

} // namespace stair
