#include "widgets/panels/run_list.h"

#include "widgets/panels/glyphs.h"
#include "widgets/panels/run_delegate.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QShortcut>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace stair {

RunList::RunList(RunListModel& model, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_filter(new QLineEdit)
    , m_order(new QToolButton)
    , m_proxy(new RunListProxy(this))
    , m_view(new QListView)
    , m_empty(new QLabel)
{
    m_filter->setObjectName(QStringLiteral("runFilter"));
    m_filter->setAccessibleName(tr("Filter runs"));
    m_filter->setPlaceholderText(tr("Filter runs"));
    m_filter->setToolTip(tr("Words in name, tags, notes, method, network, data set or state"));
    m_filter->setClearButtonEnabled(true);
    m_order->setObjectName(QStringLiteral("runOrder"));
    m_order->setAccessibleName(tr("Order of the runs"));
    m_order->setToolTip(tr("Sort and group the runs"));
    m_order->setIcon(glyphIcon(Glyph::Order));
    m_order->setPopupMode(QToolButton::InstantPopup);
    m_proxy->setSourceModel(&m_model);
    m_view->setObjectName(QStringLiteral("runs"));
    m_view->setAccessibleName(tr("Runs"));
    m_view->setModel(m_proxy);
    m_view->setItemDelegate(new RunDelegate(m_view));
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_empty->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_empty->setWordWrap(true);
    m_empty->setMargin(6);
    auto* inside = new QVBoxLayout(m_view->viewport());
    inside->setContentsMargins(0, 0, 0, 0);
    inside->addWidget(m_empty);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_proxy, signal, this, &RunList::showEmpty);
    showEmpty();
    auto* top = new QHBoxLayout;
    top->setSpacing(4);
    top->addWidget(m_filter, 1);
    top->addWidget(m_order);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(6);
    layout->addLayout(top);
    layout->addWidget(m_view, 1);
    connect(m_filter, &QLineEdit::textChanged, m_proxy, &RunListProxy::setWords);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RunList::selectionChanged);
    new QShortcut(Qt::Key_Space, m_view, this, &RunList::pauseRequested, Qt::WidgetShortcut);
}

void RunList::showEmpty()
{
    m_empty->setText(m_model.rowCount() > 0
                         ? tr("No run has these words in its name, tags, notes or settings.")
                         : tr("Runs are listed here: those started in the window, and those of "
                              "`stair run` in %1.")
                               .arg(QString::fromStdString(m_model.runsFolder().string())));
    m_empty->setVisible(m_proxy->rowCount() == 0);
}

void RunList::setRunActions(const QList<QAction*>& actions)
{
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_view->addActions(actions);
}

void RunList::setViewActions(const QList<QAction*>& actions)
{
    auto* menu = new QMenu(m_order);
    menu->addActions(actions);
    m_order->setMenu(menu);
}

void RunList::rename()
{
    const QModelIndexList rows = m_view->selectionModel()->selectedIndexes();
    const QModelIndex current = m_view->currentIndex();
    const QModelIndex row = rows.contains(current) ? current : rows.value(0);
    if (!row.isValid())
        return;
    m_view->setFocus();
    m_view->setCurrentIndex(row);
    m_view->edit(row);
}

void RunList::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

void RunList::select(const std::vector<std::filesystem::path>& folders)
{
    QItemSelection selection;
    QModelIndex last;
    for (const std::filesystem::path& folder : folders) {
        const QModelIndex row = m_proxy->mapFromSource(m_model.indexOf(folder));
        if (!row.isValid())
            continue;
        selection.select(row, row);
        last = row;
    }
    if (!last.isValid())
        return;
    m_view->selectionModel()->setCurrentIndex(last, QItemSelectionModel::NoUpdate);
    m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    m_view->scrollTo(last);
}

QModelIndexList RunList::selectedRows() const
{
    QModelIndexList rows;
    for (const QModelIndex& index : m_view->selectionModel()->selectedIndexes())
        rows += m_proxy->mapToSource(index);
    return rows;
}

std::vector<RunLog*> RunList::selected() const
{
    std::vector<RunLog*> runs;
    for (const QModelIndex& row : selectedRows()) {
        if (RunLog* run = m_model.log(row))
            runs.push_back(run);
    }
    std::ranges::sort(runs, {}, [](const RunLog* run) { return run->folder().filename(); });
    return runs;
}

} // namespace stair
