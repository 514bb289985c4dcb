#include "widgets/main/main_window.h"

#include "widgets/main/action_registry.h"
#include "widgets/main/command_palette.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/shortcut_editor.h"
#include "widgets/main/theme.h"
#include "widgets/panels/run_list.h"

#include <QActionGroup>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QMenuBar>
#include <QSettings>
#include <QToolButton>
#include <QUndoStack>

#include <algorithm>

namespace stair {

namespace {

constexpr const char* themeKey = "window/theme";

QString textOf(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

} // namespace

void MainWindow::createEditActions()
{
    const auto add = [this](const char* id, const QString& text, const QKeySequence& keys,
                            void (QUndoStack::*run)()) {
        return m_actions->add({QLatin1String(id), text, "Edit", keys},
                              [this, run] { (m_undo->*run)(); });
    };
    QAction* undo = add("edit.undo", tr("Undo"), Qt::CTRL | Qt::Key_Z, &QUndoStack::undo);
    QAction* redo
        = add("edit.redo", tr("Redo"), Qt::CTRL | Qt::SHIFT | Qt::Key_Z, &QUndoStack::redo);
    const auto follow = [this, undo, redo] {
        undo->setEnabled(m_undo->canUndo());
        undo->setText(m_undo->canUndo() ? tr("Undo %1").arg(m_undo->undoText()) : tr("Undo"));
        m_actions->setTip(undo, undo->text());
        redo->setEnabled(m_undo->canRedo());
        redo->setText(m_undo->canRedo() ? tr("Redo %1").arg(m_undo->redoText()) : tr("Redo"));
        m_actions->setTip(redo, redo->text());
    };
    follow();
    connect(m_undo, &QUndoStack::indexChanged, this, follow);
    connect(m_undo, &QUndoStack::undoTextChanged, this, follow);
    m_actions->add({"edit.findRun", tr("Find runs"), "Edit", QKeySequence::Find,
                    tr("Goes to the filter of the runs"), 1},
                   [this] {
                       m_frame->showDock("runs");
                       m_list->focusFilter();
                   });
    m_actions->add({"edit.shortcuts", tr("Edit shortcuts…"), "Edit", {}, {}, 2},
                   [this] { editShortcuts(); });
}

void MainWindow::createLayoutActions()
{
    auto* layouts = new QActionGroup(this);
    int key = Qt::Key_1;
    for (const LayoutRow& row : m_frame->layouts()) {
        QAction* action = m_actions->add({"layout." + row.id, row.title, "View/Layout",
                                          QKeySequence(Qt::CTRL | Qt::Key(key++)),
                                          tr("Shows the layout %1").arg(row.title)},
                                         [this, id = row.id] { m_frame->showLayout(id); });
        action->setCheckable(true);
        action->setChecked(row.id == m_frame->currentLayout());
        layouts->addAction(action);
    }
    connect(m_frame, &DockFrame::layoutShown, this,
            [this](const QString& id) { m_actions->find("layout." + id)->setChecked(true); });
    m_actions->add({"view.resetLayout",
                    tr("Reset layout"),
                    "View/Layout",
                    {},
                    tr("Arranges the docks of this layout as they come"),
                    1},
                   [this] { m_frame->resetLayout(); });
    m_actions->add({"view.exportLayouts", tr("Export layouts…"), "View/Layout", {}, {}, 1},
                   [this] { exportLayouts(); });
    m_actions->add({"view.importLayouts", tr("Import layouts…"), "View/Layout", {}, {}, 1},
                   [this] { importLayouts(); });
    for (QDockWidget* dock : m_frame->findChildren<QDockWidget*>()) {
        const QString title = dock->windowTitle();
        QAction* toggle = m_actions->add({"dock." + dock->objectName(),
                                          title,
                                          "View/Panels",
                                          {},
                                          tr("Shows or hides the panel %1").arg(title)});
        toggle->setCheckable(true);
        toggle->setChecked(!dock->isHidden());
        connect(toggle, &QAction::triggered, this, [this, dock](bool on) {
            if (on)
                m_frame->showDock(dock->objectName());
            else
                dock->hide();
        });
        connect(dock->toggleViewAction(), &QAction::toggled, toggle, &QAction::setChecked);
        // Of a frame that is not shown yet docks do not tell.
        connect(m_frame, &DockFrame::layoutShown, toggle,
                [toggle, dock] { toggle->setChecked(!dock->isHidden()); });
    }
}

void MainWindow::createRunsViewActions()
{
    QList<QAction*> shown;
    const auto addChoice
        = [&](const QString& menu, const QString& prefix, int value, const QString& id,
              const QString& title, QActionGroup* group, auto set, auto get) {
              QAction* action = m_actions->add(
                  {prefix + id, title, "View/" + menu, {}, tr("%1: %2").arg(menu, title), 1},
                  [this, set, value] {
                      set(value);
                      saveSoon();
                  });
              action->setCheckable(true);
              connect(&m_list->proxy(), &QAbstractItemModel::layoutChanged, action,
                      [action, get, value] { action->setChecked(get() == value); });
              action->setChecked(get() == value);
              group->addAction(action);
              shown += action;
          };
    RunListProxy& proxy = m_list->proxy();
    auto* sorts = new QActionGroup(this);
    const QStringList sortIds = {"newest", "name", "best", "state", "network"};
    const QStringList sortTitles = {tr("Newest first"), tr("By name"), tr("Best accuracy first"),
                                    tr("By state"), tr("By network")};
    for (int i = 0; i < sortIds.size(); ++i)
        addChoice(
            tr("Sort runs"), "runs.sort.", i, sortIds[i], sortTitles[i], sorts,
            [&proxy](int value) { proxy.setSort(RunSort(value)); },
            [&proxy] { return int(proxy.sortedBy()); });
    auto* groups = new QActionGroup(this);
    const QStringList groupIds = {"none", "method", "network", "tag", "state", "race"};
    const QStringList groupTitles
        = {tr("In one list"),    tr("Grouped by method"), tr("Grouped by network"),
           tr("Grouped by tag"), tr("Grouped by state"),  tr("Grouped by race")};
    auto* line = new QAction(this);
    line->setSeparator(true);
    shown += line;
    for (int i = 0; i < groupIds.size(); ++i)
        addChoice(
            tr("Group runs"), "runs.group.", i, groupIds[i], groupTitles[i], groups,
            [&proxy](int value) { proxy.setGroup(RunGroup(value)); },
            [&proxy] { return int(proxy.group()); });
    line = new QAction(this);
    line->setSeparator(true);
    shown += line;
    QAction* starred = m_actions->add({"runs.starred",
                                       tr("Starred runs alone"),
                                       "View",
                                       {},
                                       tr("Leaves out the runs without a star"),
                                       1});
    starred->setCheckable(true);
    connect(starred, &QAction::triggered, this, [&proxy](bool on) { proxy.setStarredOnly(on); });
    shown += starred;
    m_list->setViewActions(shown);
    QList<QAction*> forRuns;
    for (const char* id : {"run.pause", "run.stop", "run.duplicate", "run.fork", "run.rename",
                           "run.star", "run.notes", "run.folder", "run.delete"})
        forRuns += m_actions->find(QLatin1String(id));
    m_list->setRunActions(forRuns);
    for (const char* id : {"run.rename", "run.delete"}) // plots and tables have these keys too
        m_actions->confine(m_actions->find(QLatin1String(id)), m_list);
}

void MainWindow::createThemeActions()
{
    auto* themes = new QActionGroup(this);
    const int saved = QSettings().value(QLatin1String(themeKey), int(Theme::System)).toInt();
    m_theme = Theme(std::clamp(saved, 0, 2));
    const std::pair<QString, QString> rows[]
        = {{"system", tr("As the system")}, {"light", tr("Light")}, {"dark", tr("Dark")}};
    for (const Theme theme : {Theme::System, Theme::Light, Theme::Dark}) {
        const auto& [id, title] = rows[int(theme)];
        QAction* action = m_actions->add(
            {"theme." + id, title, "View/Colours", {}, tr("Colours: %1").arg(title), 2},
            [this, theme] { setTheme(theme); });
        action->setCheckable(true);
        action->setChecked(theme == m_theme);
        themes->addAction(action);
    }
    if (m_theme != Theme::System)
        applyTheme(m_theme);
    connect(m_systemColors, &SystemColors::changed, this, [this] {
        if (m_theme == Theme::System)
            applyTheme(m_theme, m_systemColors->preference());
    });
}

/// The layouts as buttons at the right of the menu bar.
void MainWindow::createCorner()
{
    auto* corner = new QWidget;
    auto* row = new QHBoxLayout(corner);
    row->setContentsMargins(0, 0, 6, 0);
    row->setSpacing(2);
    for (const LayoutRow& layout : m_frame->layouts()) {
        auto* button = new QToolButton;
        button->setObjectName(layout.id + "LayoutButton");
        button->setDefaultAction(m_actions->find("layout." + layout.id));
        button->setAutoRaise(true);
        row->addWidget(button);
    }
    row->addSpacing(6);
    auto* find = new QToolButton;
    find->setObjectName(QStringLiteral("paletteButton"));
    find->setAutoRaise(true);
    QAction* palette = m_actions->find("view.palette");
    connect(find, &QToolButton::clicked, palette, &QAction::trigger);
    const auto follow = [find, palette] {
        const QString keys = palette->shortcut().toString(QKeySequence::NativeText);
        find->setText(keys.isEmpty() ? tr("Find") : keys);
        find->setAccessibleName(plainText(palette));
        find->setToolTip(palette->toolTip());
    };
    follow();
    connect(palette, &QAction::changed, find, follow);
    row->addWidget(find);
    menuBar()->setCornerWidget(corner);
}

void MainWindow::setTheme(Theme theme)
{
    m_theme = theme;
    applyTheme(theme, m_systemColors->preference());
    QSettings().setValue(QLatin1String(themeKey), int(theme));
}

void MainWindow::openPalette()
{
    std::vector<PaletteEntry> entries;
    for (QAction* action : m_actions->actions()) {
        if (!action->isVisible())
            continue;
        entries.push_back(
            {plainText(action),
             m_actions->menuOf(action).replace(QLatin1Char('/'), QStringLiteral(", ")),
             action->shortcut().toString(QKeySequence::NativeText), action->isEnabled(), [action] {
                 action->trigger();
             }});
    }
    for (int row = 0; row < m_model.rowCount(); ++row) {
        const RunLog* run = m_model.log(m_model.index(row));
        entries.push_back({tr("Show %1").arg(run->identity().name),
                           tr("Runs, %1").arg(textOf(run->folder().filename())),
                           {},
                           true,
                           [this, folder = run->folder()] {
                               m_list->select({folder});
                           }});
    }
    m_palette->open(std::move(entries));
}

void MainWindow::editShortcuts()
{
    auto* editor = findChild<ShortcutEditor*>();
    if (!editor) {
        editor = new ShortcutEditor(*m_actions, this);
        editor->setAttribute(Qt::WA_DeleteOnClose);
    }
    editor->show();
    editor->raise();
    editor->activateWindow();
}

void MainWindow::bringToFront()
{
    setWindowState(windowState() & ~Qt::WindowMinimized);
    show();
    raise();
    activateWindow();
}

} // namespace stair
