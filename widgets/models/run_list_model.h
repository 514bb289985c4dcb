#pragma once

#include "widgets/models/run_log.h"

#include <QAbstractListModel>

#include <memory>

namespace stair {

/// The runs of one folder, newest first, and runs opened from elsewhere. Owns their logs, which
/// stay where they are until their folder vanishes.
class RunListModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role
    {
        FolderRole = Qt::UserRole + 1, // QString
        StateRole, // RunState as int
        StateTextRole,
        ActiveRole, // bool: has a worker, or is about to
        MethodRole, // QString
        BestRole, // double, a share; invalid when nothing was evaluated
        ProgressRole, // double, 0 to 1
        RemainingRole, // double, seconds; negative: not known
        MethodTitleRole, // "LSQ, W4A4"
        NetworkRole, // QString
        TraceRole, // QList<double>: test accuracy of the evaluations, thinned
        StarRole, // bool, editable
        TagsRole, // QStringList, editable
        NotesRole, // QString, editable
        SearchRole, // QString: all that a filter looks at
        RaceRole, // QString: the race it belongs to, empty when in none
    };

    explicit RunListModel(std::filesystem::path runsFolder, QObject* parent = nullptr);

    const std::filesystem::path& runsFolder() const { return m_runsFolder; }

    /// Looks for new and vanished folders and for live workers. Once a second is enough.
    void rescan();

    /// Reads what is new in all logs, for at most about `budget`.
    void poll(std::chrono::milliseconds budget);

    /// Adds the run in `folder` when it is not listed yet. Throws Error when it holds no run.
    QModelIndex addFolder(const std::filesystem::path& folder);

    /// Lists a run whose worker has just been started.
    QModelIndex addLaunched(const std::filesystem::path& folder);

    RunLog* log(const QModelIndex& index) const;
    QModelIndex indexOf(const std::filesystem::path& folder) const;
    void touch(const RunLog* log); // its row changed

    /// Takes a run off the list whose folder has been moved away on purpose.
    void drop(const std::filesystem::path& folder);

    /// Writes what differs between the two, and nothing else, without metaEdited(). Throws Error
    /// when it cannot, or lists no such run.
    void putMeta(const std::filesystem::path& folder, const RunMeta& before, const RunMeta& after);

    /// The same as an edit of the user's: metaEdited() or problem() follows.
    bool editMeta(const QModelIndex& index, RunMeta before, const RunMeta& after);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

    /// The title (Qt::EditRole), star, tags and notes.
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

signals:
    /// The user has edited a run's meta.json, which is written.
    void metaEdited(const QString& folder, const RunMeta& before, const RunMeta& after);
    void problem(const QString& text);

private:
    QModelIndex insert(const std::filesystem::path& folder);
    void removeVanished();
    void removeAt(int row);

    std::filesystem::path m_runsFolder;
    std::vector<std::unique_ptr<RunLog>> m_logs; // newest first
    std::size_t m_next = 0; // where poll() goes on: no log starves
};

} // namespace stair
