#include "widgets/models/run_list_proxy.h"

#include "widgets/models/run_list_model.h"

#include <algorithm>

namespace stair {

RunListProxy::RunListProxy(QObject* parent)
    : QSortFilterProxyModel(parent)
{
    sort(0);
}

void RunListProxy::setSort(RunSort sort)
{
    m_sort = sort;
    invalidate();
}

void RunListProxy::setGroup(RunGroup group)
{
    m_group = group;
    invalidate();
}

void RunListProxy::setWords(const QString& text)
{
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

void RunListProxy::setStarredOnly(bool only)
{
    m_starredOnly = only;
    invalidateFilter();
}

QString RunListProxy::groupOf(const QModelIndex& source) const
{
    switch (m_group) {
    case RunGroup::None:
        return {};
    case RunGroup::Method:
        return source.data(RunListModel::MethodTitleRole).toString();
    case RunGroup::Network:
        return source.data(RunListModel::NetworkRole).toString();
    case RunGroup::Tag:
        return source.data(RunListModel::TagsRole).toStringList().value(0);
    case RunGroup::State:
        return source.data(RunListModel::StateTextRole).toString();
    case RunGroup::Race:
        return source.data(RunListModel::RaceRole).toString();
    }
    return {};
}

QVariant RunListProxy::data(const QModelIndex& index, int role) const
{
    if (role != HeadingRole)
        return QSortFilterProxyModel::data(index, role);
    if (m_group == RunGroup::None || !index.isValid())
        return QString();
    const QString own = groupOf(mapToSource(index));
    const bool first
        = index.row() == 0 || groupOf(mapToSource(this->index(index.row() - 1, 0))) != own;
    if (!first)
        return QString();
    if (!own.isEmpty())
        return own;
    return m_group == RunGroup::Race ? tr("In no race") : tr("No tag");
}

bool RunListProxy::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const QModelIndex source = sourceModel()->index(row, 0, parent);
    if (m_starredOnly && !source.data(RunListModel::StarRole).toBool())
        return false;
    if (m_words.isEmpty())
        return true;
    const QString text = source.data(RunListModel::SearchRole).toString();
    return std::ranges::all_of(
        m_words, [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

bool RunListProxy::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    if (m_group != RunGroup::None) {
        const QString own = groupOf(left);
        const QString other = groupOf(right);
        if (own.isEmpty() != other.isEmpty())
            return other.isEmpty(); // what is in no group comes last
        if (const int order = QString::compare(own, other, Qt::CaseInsensitive); order != 0)
            return order < 0;
    }
    const auto text = [](const QModelIndex& index, int role) {
        return index.data(role).toString();
    };
    int order = 0;
    switch (m_sort) {
    case RunSort::Newest:
        break;
    case RunSort::Name:
        order = QString::localeAwareCompare(text(left, Qt::DisplayRole),
                                            text(right, Qt::DisplayRole));
        break;
    case RunSort::Best: {
        const auto best = [](const QModelIndex& index) {
            const QVariant value = index.data(RunListModel::BestRole);
            return value.isValid() ? value.toDouble() : -1;
        };
        order = best(left) > best(right) ? -1 : best(left) < best(right) ? 1 : 0;
        break;
    }
    case RunSort::State:
        order = left.data(RunListModel::StateRole).toInt()
            - right.data(RunListModel::StateRole).toInt();
        break;
    case RunSort::Network:
        order = QString::compare(text(left, RunListModel::NetworkRole),
                                 text(right, RunListModel::NetworkRole));
        break;
    }
    return order != 0 ? order < 0 : left.row() < right.row();
}

} // namespace stair
