#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace stair {

enum class RunSort
{
    Newest,
    Name,
    Best,
    State,
    Network
};

enum class RunGroup
{
    None,
    Method,
    Network,
    Tag, // a run's first
    State,
    Race
};

/// The runs of RunListModel in the order, the groups and the selection that the user wants. Flat:
/// the first row of each group carries its heading.
class RunListProxy : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    static constexpr int HeadingRole = Qt::UserRole + 100; // QString; empty: not a group's first

    explicit RunListProxy(QObject* parent = nullptr);

    void setSort(RunSort sort);
    RunSort sortedBy() const { return m_sort; }
    void setGroup(RunGroup group);
    RunGroup group() const { return m_group; }

    /// Runs are shown that have every word somewhere in name, tags, notes, method, network, data
    /// set or state; upper and lower case are one.
    void setWords(const QString& text);
    void setStarredOnly(bool only);
    bool starredOnly() const { return m_starredOnly; }

    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QString groupOf(const QModelIndex& source) const;

    RunSort m_sort = RunSort::Newest;
    RunGroup m_group = RunGroup::None;
    QStringList m_words;
    bool m_starredOnly = false;
};

} // namespace stair
