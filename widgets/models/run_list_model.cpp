#include "widgets/models/run_list_model.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/session/run_folder.h"
#include "widgets/models/run_text.h"

#include <algorithm>

namespace stair {

namespace fs = std::filesystem;

namespace {

fs::path resolved(const fs::path& path)
{
    std::error_code error;
    const fs::path real = fs::weakly_canonical(path, error);
    return error ? path : real;
}

QStringList tagsOf(const RunLog& log)
{
    QStringList tags;
    for (const std::string& tag : log.meta().tags)
        tags += QString::fromStdString(tag);
    return tags;
}

QString toolTip(const RunLog& log)
{
    QString text = QString::fromStdString(log.folder().string());
    const RunIdentity& identity = log.identity();
    text.prepend(identity.name + QLatin1Char('\n') + methodText(identity) + QStringLiteral(", ")
                 + QString::fromStdString(identity.network) + QStringLiteral(", ")
                 + QString::fromStdString(identity.data) + QLatin1Char('\n'));
    if (const QStringList tags = tagsOf(log); !tags.isEmpty())
        text += QLatin1Char('\n')
            + RunListModel::tr("Tags: %1").arg(tags.join(QStringLiteral(", ")));
    if (!log.meta().notes.empty())
        text += QLatin1Char('\n') + QString::fromStdString(log.meta().notes);
    if (!log.identity().error.isEmpty())
        text += QLatin1Char('\n') + log.identity().error;
    else if (!log.progress().reason.isEmpty())
        text += QLatin1Char('\n') + log.progress().reason;
    return text;
}

QString searchText(const RunLog& log)
{
    const RunIdentity& identity = log.identity();
    return QStringList{identity.name,
                       tagsOf(log).join(QLatin1Char(' ')),
                       QString::fromStdString(log.meta().notes),
                       QString::fromStdString(identity.method),
                       methodText(identity),
                       QString::fromStdString(identity.network),
                       QString::fromStdString(identity.data),
                       stateText(log)}
        .join(QLatin1Char(' '));
}

double progressOf(const RunLog& log)
{
    if (log.state() == RunState::Finished)
        return 1;
    const RunProgress& progress = log.progress();
    return progress.steps > 0 ? std::clamp(progress.step / progress.steps, 0.0, 1.0) : 0;
}

/// What a row shows, in words.
QString accessibleText(const RunLog& log)
{
    QStringList words = {log.identity().name, methodText(log.identity()), stateText(log)};
    if (log.isActive())
        words += RunListModel::tr("%1 done").arg(percentText(progressOf(log)));
    if (log.isActive() && log.progress().remaining >= 0)
        words += RunListModel::tr("%1 left").arg(durationText(log.progress().remaining));
    if (log.progress().best)
        words += RunListModel::tr("best accuracy %1").arg(percentText(log.progress().best->test));
    if (log.meta().star)
        words += RunListModel::tr("starred");
    if (const QStringList tags = tagsOf(log); !tags.isEmpty())
        words += RunListModel::tr("tags %1").arg(tags.join(QStringLiteral(", ")));
    return words.join(QStringLiteral(", "));
}

} // namespace

RunListModel::RunListModel(fs::path runsFolder, QObject* parent)
    : QAbstractListModel(parent)
    , m_runsFolder(resolved(runsFolder))
{
}

int RunListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_logs.size());
}

RunLog* RunListModel::log(const QModelIndex& index) const
{
    const auto row = std::size_t(index.row());
    return index.isValid() && row < m_logs.size() ? m_logs[row].get() : nullptr;
}

QModelIndex RunListModel::indexOf(const fs::path& folder) const
{
    const fs::path sought = resolved(folder);
    const auto found
        = std::ranges::find_if(m_logs, [&](const auto& log) { return log->folder() == sought; });
    return found == m_logs.end() ? QModelIndex() : index(int(found - m_logs.begin()));
}

QVariant RunListModel::data(const QModelIndex& index, int role) const
{
    const RunLog* run = log(index);
    if (!run)
        return {};
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return run->identity().name;
    case Qt::AccessibleTextRole:
        return accessibleText(*run);
    case Qt::ToolTipRole:
        return toolTip(*run);
    case FolderRole:
        return QString::fromStdString(run->folder().string());
    case StateRole:
        return int(run->state());
    case StateTextRole:
        return stateText(*run);
    case ActiveRole:
        return run->isActive();
    case MethodRole:
        return QString::fromStdString(run->identity().method);
    case BestRole:
        return run->progress().best ? QVariant(run->progress().best->test) : QVariant();
    case ProgressRole:
        return progressOf(*run);
    case RemainingRole:
        return run->isActive() ? run->progress().remaining : -1.0;
    case MethodTitleRole:
        return methodText(run->identity());
    case NetworkRole:
        return QString::fromStdString(run->identity().network);
    case TraceRole:
        return QVariant::fromValue(QList<double>(run->trace().begin(), run->trace().end()));
    case StarRole:
        return run->meta().star;
    case TagsRole:
        return tagsOf(*run);
    case NotesRole:
        return QString::fromStdString(run->meta().notes);
    case SearchRole:
        return searchText(*run);
    case RaceRole:
        return run->meta().race ? raceTitle(run->meta()) : QString();
    default:
        return {};
    }
}

Qt::ItemFlags RunListModel::flags(const QModelIndex& index) const
{
    return QAbstractListModel::flags(index)
        | (index.isValid() ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

bool RunListModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    const RunLog* run = log(index);
    if (!run)
        return false;
    RunMeta meta = run->meta();
    if (role == Qt::EditRole) {
        if (value.toString() == run->identity().name)
            return false;
        meta.title = value.toString().trimmed().toStdString();
    } else if (role == StarRole) {
        meta.star = value.toBool();
    } else if (role == TagsRole) {
        meta.tags.clear();
        for (const QString& tag : value.toStringList())
            meta.tags.push_back(tag.toStdString());
    } else if (role == NotesRole) {
        meta.notes = value.toString().toStdString();
    } else {
        return false;
    }
    return editMeta(index, run->meta(), meta);
}

bool RunListModel::editMeta(const QModelIndex& index, RunMeta before, const RunMeta& after)
{
    const RunLog* run = log(index);
    if (!run || before == after)
        return false;
    try {
        putMeta(run->folder(), before, after);
    } catch (const std::exception& error) {
        emit problem(QString::fromUtf8(error.what()));
        return false;
    }
    emit metaEdited(QString::fromStdString(run->folder().string()), before, after);
    return true;
}

void RunListModel::putMeta(const fs::path& folder, const RunMeta& before, const RunMeta& after)
{
    RunLog* run = log(indexOf(folder));
    if (!run)
        throw Error(concat("[runs] ", folder.string(), " is no longer in the list"));
    run->editMeta(before, after);
    touch(run);
}

QModelIndex RunListModel::insert(const fs::path& folder)
{
    if (const QModelIndex known = indexOf(folder); known.isValid())
        return known;
    auto log = std::make_unique<RunLog>(resolved(folder));
    const auto place = std::ranges::find_if(m_logs, [&](const auto& other) {
        return other->folder().filename() < log->folder().filename();
    });
    const int row = int(place - m_logs.begin());
    beginInsertRows({}, row, row);
    m_logs.insert(place, std::move(log));
    endInsertRows();
    return index(row);
}

QModelIndex RunListModel::addFolder(const fs::path& folder)
{
    RunFolder::open(folder); // throws when there is no run
    const QModelIndex place = insert(folder);
    log(place)->checkWorker();
    return place;
}

QModelIndex RunListModel::addLaunched(const fs::path& folder)
{
    const QModelIndex place = insert(folder);
    log(place)->setLaunched(true);
    touch(log(place));
    return place;
}

void RunListModel::removeVanished()
{
    for (int row = int(m_logs.size()) - 1; row >= 0; --row) {
        std::error_code error;
        const RunLog& run = *m_logs[std::size_t(row)];
        if (fs::exists(run.folder(), error) || error)
            continue;
        const bool isMissed = run.isActive() || run.depth() == RunLog::Depth::Curves;
        QString words
            = tr("[runs] the folder of %1 is gone: %2; it is off the list, and back when the "
                 "folder is")
                  .arg(run.identity().name, QString::fromStdString(run.folder().string()));
        if (run.isActive())
            words += tr(". Its worker ends when it next writes a checkpoint");
        removeAt(row);
        if (isMissed)
            emit problem(words);
    }
}

void RunListModel::removeAt(int row)
{
    beginRemoveRows({}, row, row);
    m_logs.erase(m_logs.begin() + row);
    endRemoveRows();
}

void RunListModel::drop(const fs::path& folder)
{
    if (const QModelIndex index = indexOf(folder); index.isValid())
        removeAt(index.row());
}

void RunListModel::rescan()
{
    removeVanished();
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(m_runsFolder, error)) {
        std::error_code none;
        if (fs::exists(entry.path() / "spec.json", none))
            insert(entry.path());
    }
    for (const auto& log : m_logs) {
        const bool metaChanged = log->checkMeta();
        if (log->checkWorker() || metaChanged)
            touch(log.get());
    }
}

void RunListModel::poll(std::chrono::milliseconds budget)
{
    const auto end = std::chrono::steady_clock::now() + budget;
    for (std::size_t i = 0; i < m_logs.size(); ++i) {
        const std::size_t row = m_next % m_logs.size();
        ++m_next;
        if (m_logs[row]->poll(budget))
            touch(m_logs[row].get());
        if (std::chrono::steady_clock::now() >= end)
            return;
    }
}

void RunListModel::touch(const RunLog* log)
{
    const auto found
        = std::ranges::find_if(m_logs, [&](const auto& own) { return own.get() == log; });
    if (found == m_logs.end())
        return;
    const QModelIndex changed = index(int(found - m_logs.begin()));
    emit dataChanged(changed, changed);
}

} // namespace stair
