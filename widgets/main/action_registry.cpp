#include "widgets/main/action_registry.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <QAction>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QWidget>

#include <map>

namespace stair {

namespace {

constexpr const char* menuProperty = "menu";
constexpr const char* groupProperty = "group";
constexpr const char* tipProperty = "tip";
constexpr const char* titleProperty = "title";
constexpr const char* standardProperty = "standardShortcut";
constexpr const char* placeProperty = "place";

QString settingsKey(const QAction* action)
{
    return QStringLiteral("shortcuts/") + action->objectName();
}

/// Where its keys count; null: in the whole window.
QWidget* placeOf(const QAction* action)
{
    return action->property(placeProperty).value<QWidget*>();
}

bool canMeet(const QAction* action, const QAction* other)
{
    const QWidget* place = placeOf(action);
    const QWidget* otherPlace = other ? placeOf(other) : nullptr;
    return !place || !otherPlace || place == otherPlace;
}

} // namespace

QString plainText(const QAction* action)
{
    QString text = action->text();
    text.remove(QLatin1Char('&'));
    if (text.endsWith(QChar(0x2026)))
        text.chop(1);
    return text;
}

ActionRegistry::ActionRegistry(QWidget* window)
    : QObject(window)
    , m_window(window)
{
}

QAction* ActionRegistry::add(const ActionRow& row, std::function<void()> run)
{
    if (find(row.id))
        throw Error(concat("[actions] the id ", row.id.toStdString(), " is taken"));
    auto* action = new QAction(row.text, m_window);
    action->setObjectName(row.id);
    action->setProperty(titleProperty, plainText(action));
    action->setProperty(menuProperty, row.menu);
    action->setProperty(groupProperty, row.group);
    action->setProperty(standardProperty, row.shortcut);
    const QVariant saved = QSettings().value(settingsKey(action));
    action->setShortcut(saved.isValid() ? QKeySequence(saved.toString(), QKeySequence::PortableText)
                                        : row.shortcut);
    setTip(action, row.tip.isEmpty() ? plainText(action) : row.tip);
    if (run)
        connect(action, &QAction::triggered, m_window, [run = std::move(run)] { run(); });
    m_window->addAction(action);
    m_actions.push_back(action);
    return action;
}

QAction* ActionRegistry::find(const QString& id) const
{
    for (QAction* action : m_actions) {
        if (action->objectName() == id)
            return action;
    }
    return nullptr;
}

QString ActionRegistry::menuOf(const QAction* action) const
{
    return action->property(menuProperty).toString();
}

QString ActionRegistry::title(const QAction* action) const
{
    return action->property(titleProperty).toString();
}

void ActionRegistry::fillMenus(QMenuBar* bar, const QStringList& order)
{
    std::map<QString, QMenu*> menus;
    std::map<QMenu*, int> groups;
    const auto separate = [&](QMenu* menu, int group) {
        const auto [last, first] = groups.try_emplace(menu, group);
        if (!first && last->second != group)
            menu->addSeparator();
        last->second = group;
    };
    for (const QString& title : order) {
        const QString name = QString(title).remove(QLatin1Char('&'));
        for (QAction* action : m_actions) {
            const QString path = menuOf(action);
            const int group = action->property(groupProperty).toInt();
            if (path.section(QLatin1Char('/'), 0, 0) != name)
                continue;
            QMenu*& menu = menus[name];
            if (!menu)
                menu = bar->addMenu(title);
            QMenu* target = menu;
            if (path != name) {
                QMenu*& sub = menus[path];
                if (!sub) {
                    separate(menu, group);
                    sub = menu->addMenu(path.section(QLatin1Char('/'), 1));
                }
                target = sub;
            } else {
                separate(target, group);
            }
            target->addAction(action);
            target->setToolTipsVisible(true);
        }
    }
}

void ActionRegistry::confine(QAction* action, QWidget* place)
{
    action->setProperty(placeProperty, QVariant::fromValue(place));
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    m_window->removeAction(action);
    place->addAction(action);
}

void ActionRegistry::setTip(QAction* action, const QString& tip)
{
    if (action->property(tipProperty).toString() == tip && !action->toolTip().isEmpty())
        return;
    action->setProperty(tipProperty, tip);
    showTip(action);
}

void ActionRegistry::showTip(QAction* action) const
{
    const QString tip = action->property(tipProperty).toString();
    const QString keys = action->shortcut().toString(QKeySequence::NativeText);
    action->setToolTip(keys.isEmpty() ? tip : tr("%1 (%2)").arg(tip, keys));
}

QKeySequence ActionRegistry::standardShortcut(const QAction* action) const
{
    return action->property(standardProperty).value<QKeySequence>();
}

void ActionRegistry::setShortcut(QAction* action, const QKeySequence& keys)
{
    action->setShortcut(keys);
    showTip(action);
    if (keys == standardShortcut(action))
        QSettings().remove(settingsKey(action));
    else
        QSettings().setValue(settingsKey(action), keys.toString(QKeySequence::PortableText));
    emit shortcutsChanged();
}

void ActionRegistry::resetShortcut(QAction* action)
{
    setShortcut(action, standardShortcut(action));
}

QAction* ActionRegistry::holderOf(const QKeySequence& keys, const QAction* except) const
{
    if (keys.isEmpty())
        return nullptr;
    for (QAction* action : m_actions) {
        if (action != except && action->shortcut() == keys && canMeet(action, except))
            return action;
    }
    return nullptr;
}

} // namespace stair
