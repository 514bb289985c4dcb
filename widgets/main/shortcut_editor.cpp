#include "widgets/main/shortcut_editor.h"

#include "widgets/main/action_registry.h"
#include "widgets/main/shortcut_model.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace stair {

ShortcutEditor::ShortcutEditor(ActionRegistry& registry, QWidget* parent)
    : QDialog(parent)
    , m_registry(registry)
    , m_model(new ShortcutModel(registry, this))
    , m_proxy(new QSortFilterProxyModel(this))
    , m_table(new QTableView)
    , m_keys(new QKeySequenceEdit)
    , m_assign(new QPushButton(tr("Assign")))
    , m_none(new QPushButton(tr("Remove")))
    , m_reset(new QPushButton(tr("Reset")))
    , m_conflict(new QLabel)
{
    setObjectName(QStringLiteral("shortcutEditor"));
    setWindowTitle(tr("Shortcuts"));
    m_proxy->setSourceModel(m_model);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->setFilterKeyColumn(-1);
    auto* filter = new QLineEdit;
    filter->setObjectName(QStringLiteral("shortcutFilter"));
    filter->setAccessibleName(tr("Filter actions"));
    filter->setPlaceholderText(tr("Filter by action, menu or shortcut"));
    filter->setClearButtonEnabled(true);
    m_table->setObjectName(QStringLiteral("shortcutTable"));
    m_table->setAccessibleName(tr("Actions and shortcuts"));
    m_table->setModel(m_proxy);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_table->setColumnWidth(ShortcutModel::MenuColumn, 180);
    m_table->setColumnWidth(ShortcutModel::ShortcutColumn, 130);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(filter);
    layout->addWidget(m_table, 1);
    layout->addWidget(buildKeys());
    layout->addWidget(m_conflict);
    m_conflict->setObjectName(QStringLiteral("shortcutConflict"));
    m_conflict->setWordWrap(true);
    m_conflict->setMinimumHeight(2 * fontMetrics().height());
    connect(filter, &QLineEdit::textChanged, m_proxy, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &ShortcutEditor::showChosen);
    m_table->selectRow(0);
    resize(620, 520);
}

QWidget* ShortcutEditor::buildKeys()
{
    auto* keys = new QWidget;
    auto* row = new QHBoxLayout(keys);
    row->setContentsMargins(0, 0, 0, 0);
    auto* label = new QLabel(tr("Shortcut"));
    label->setBuddy(m_keys);
    m_keys->setObjectName(QStringLiteral("shortcutKeys"));
    m_keys->setAccessibleName(tr("Shortcut"));
    m_keys->findChild<QLineEdit*>()->setAccessibleName(tr("Shortcut"));
    m_keys->setToolTip(tr("Press the keys"));
    m_assign->setObjectName(QStringLiteral("shortcutAssign"));
    m_none->setObjectName(QStringLiteral("shortcutRemove"));
    m_none->setToolTip(tr("The action has no shortcut then"));
    m_reset->setObjectName(QStringLiteral("shortcutReset"));
    m_reset->setToolTip(tr("The shortcut that the action came with"));
    for (QPushButton* button : {m_assign, m_none, m_reset})
        button->setAutoDefault(false); // Return belongs to the keys being pressed
    row->addWidget(label);
    row->addWidget(m_keys, 1);
    row->addWidget(m_assign);
    row->addWidget(m_none);
    row->addWidget(m_reset);
    connect(m_keys, &QKeySequenceEdit::keySequenceChanged, this, &ShortcutEditor::showConflict);
    connect(m_assign, &QPushButton::clicked, this, &ShortcutEditor::assign);
    connect(m_none, &QPushButton::clicked, this, [this] {
        m_keys->clear();
        assign();
    });
    connect(m_reset, &QPushButton::clicked, this, [this] {
        if (const QAction* action = chosen()) {
            m_keys->setKeySequence(m_registry.standardShortcut(action));
            assign();
        }
    });
    return keys;
}

QAction* ShortcutEditor::chosen() const
{
    return m_model->action(m_proxy->mapToSource(m_table->currentIndex()));
}

void ShortcutEditor::showChosen()
{
    const QAction* action = chosen();
    for (QWidget* widget : std::initializer_list<QWidget*>{m_keys, m_assign, m_none, m_reset})
        widget->setEnabled(action);
    m_keys->setKeySequence(action ? action->shortcut() : QKeySequence());
    showConflict();
}

void ShortcutEditor::showConflict()
{
    const QAction* holder = m_registry.holderOf(m_keys->keySequence(), chosen());
    m_conflict->setText(holder ? tr("%1 belongs to \"%2\". Assign takes it from there.")
                                     .arg(m_keys->keySequence().toString(QKeySequence::NativeText),
                                          m_registry.title(holder))
                               : QString());
}

void ShortcutEditor::assign()
{
    QAction* action = chosen();
    if (!action)
        return;
    const QKeySequence keys = m_keys->keySequence();
    if (QAction* holder = m_registry.holderOf(keys, action))
        m_registry.setShortcut(holder, {});
    m_registry.setShortcut(action, keys);
    showConflict();
}

QString shortcutSheet(const ActionRegistry& registry)
{
    QStringList menus;
    for (const QAction* action : registry.actions()) {
        const QString menu = registry.menuOf(action).section(QLatin1Char('/'), 0, 0);
        if (!action->shortcut().isEmpty() && !menus.contains(menu))
            menus += menu;
    }
    QString html = QStringLiteral("<table cellspacing=0 cellpadding=3>");
    for (const QString& menu : menus) {
        html += QStringLiteral("<tr><td colspan=2><b>%1</b></td></tr>").arg(menu.toHtmlEscaped());
        for (const QAction* action : registry.actions()) {
            if (registry.menuOf(action).section(QLatin1Char('/'), 0, 0) != menu
                || action->shortcut().isEmpty())
                continue;
            const QString keys = action->shortcut().toString(QKeySequence::NativeText);
            html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>")
                        .arg(keys.toHtmlEscaped(), registry.title(action).toHtmlEscaped());
        }
    }
    return html + QStringLiteral("</table>");
}

} // namespace stair
