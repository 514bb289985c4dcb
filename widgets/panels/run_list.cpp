#include "widgets/panels/run_list.h"

#include "widgets/panels/run_delegate.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

#include <algorithm>

namespace stair {

RunList::RunList(RunListModel& model, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_filter(new QLineEdit)
    , m_proxy(new QSortFilterProxyModel(this))
    , m_view(new QListView)
    , m_empty(new QLabel)
{
    m_filter->setObjectName(QStringLiteral("runFilter"));
    m_filter->setPlaceholderText(tr("Filter runs"));
    m_filter->setClearButtonEnabled(true);
    m_proxy->setSourceModel(&m_model);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_view->setObjectName(QStringLiteral("runs"));
    m_view->setAccessibleName(tr("Runs"));
    m_view->setModel(m_proxy);
    m_view->setItemDelegate(new RunDelegate(m_view));
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setUniformItemSizes(true);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setToolTip(tr("Ctrl+click shows several runs together"));
    m_empty->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_empty->setWordWrap(true);
    m_empty->setMargin(6);
    auto* inside = new QVBoxLayout(m_view->viewport());
    inside->setContentsMargins(0, 0, 0, 0);
    inside->addWidget(m_empty);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_proxy, signal, this, &RunList::showEmpty);
    showEmpty();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(6);
    layout->addWidget(m_filter);
    layout->addWidget(m_view, 1);
    connect(m_filter, &QLineEdit::textChanged, m_proxy,
            &QSortFilterProxyModel::setFilterFixedString);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RunList::selectionChanged);
}

void RunList::showEmpty()
{
    m_empty->setText(m_model.rowCount() > 0
                         ? tr("No run's name has this in it.")
                         : tr("Runs are listed here: those started in the window, and those of "
                              "`stair run` in %1.")
                               .arg(QString::fromStdString(m_model.runsFolder().string())));
    m_empty->setVisible(m_proxy->rowCount() == 0);
}

void RunList::select(const std::vector<std::filesystem::path>& folders)
{
    QItemSelection selection;
    QModelIndex last;
    for (const std::filesystem::path& folder : folders) {
        last = m_proxy->mapFromSource(m_model.indexOf(folder));
        selection.select(last, last);
    }
    if (!last.isValid())
        return;
    m_view->selectionModel()->setCurrentIndex(last, QItemSelectionModel::NoUpdate);
    m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    m_view->scrollTo(last);
}

std::vector<RunLog*> RunList::selected() const
{
    std::vector<RunLog*> runs;
    for (const QModelIndex& index : m_view->selectionModel()->selectedIndexes()) {
        if (RunLog* run = m_model.log(m_proxy->mapToSource(index)))
            runs.push_back(run);
    }
    std::ranges::sort(runs, {}, [](const RunLog* run) { return run->folder().filename(); });
    return runs;
}

} // namespace stair
