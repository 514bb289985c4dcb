#include "widgets/main/undo_commands.h"

#include "widgets/forms/experiment_editor.h"
#include "widgets/models/run_list_model.h"
#include "widgets/panels/curves_panel.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QStandardPaths>

namespace stair {

namespace fs = std::filesystem;

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Undo", text);
}

// What the user adds to a run, as bits.
constexpr int titleField = 1;
constexpr int tagsField = 2;
constexpr int notesField = 4;
constexpr int starField = 8;

/// The trash keeps a note of where each thing was, which is in the way when it is back.
void forgetInTrash(const fs::path& inTrash)
{
    std::error_code failure;
    fs::remove(inTrash.parent_path().parent_path() / "info"
                   / (inTrash.filename().string() + ".trashinfo"),
               failure);
}

} // namespace

QStringList changedKeys(const Json& before, const Json& after)
{
    QStringList keys;
    for (const Json& step : Json::diff(before, after)) {
        const QString key = QString::fromStdString(step.at("path"));
        if (!key.startsWith(QLatin1String("/reference")) && !keys.contains(key))
            keys += key;
    }
    return keys;
}

QString keyWords(const QString& key)
{
    QStringList parts = key.split(QLatin1Char('/'));
    if (parts.last() == QLatin1String("id"))
        parts.removeLast();
    QString word = parts.last();
    if (word == QLatin1String("set"))
        return tr("data set");
    if (word == QLatin1String("from"))
        return tr("start");
    if (word == QLatin1String("compare"))
        return tr("comparison with float");
    return word.replace(QLatin1Char('_'), QLatin1Char(' '));
}

FormCommand::FormCommand(ExperimentEditor* editor, Json before, Json after, const QString& what,
                         int go)
    : m_editor(editor)
    , m_before(std::move(before))
    , m_after(std::move(after))
    , m_go(go)
{
    const QStringList keys = changedKeys(m_before, m_after);
    if (what.isEmpty() && !keys.isEmpty()) {
        m_field = keys.size() == 1 ? keys.front() : QString();
        QString named = keys.front(); // another entry of a table brings other parameters with it
        for (const QString& key : keys) {
            if (key.endsWith(QLatin1String("/id")))
                named = key;
        }
        setText(tr("change of %1").arg(keyWords(named)));
    } else {
        setText(what.isEmpty() ? tr("change of the form") : what);
    }
}

void FormCommand::undo()
{
    if (m_editor)
        m_editor->setState(m_before);
}

void FormCommand::redo()
{
    if (std::exchange(m_done, false) || !m_editor)
        return;
    m_editor->setState(m_after);
}

bool FormCommand::mergeWith(const QUndoCommand* other)
{
    const auto* next = static_cast<const FormCommand*>(other);
    if (m_field.isEmpty() || next->m_field != m_field || next->m_go != m_go)
        return false;
    m_after = next->m_after;
    setObsolete(m_after == m_before);
    return true;
}

MetaCommand::MetaCommand(RunListModel& model, fs::path folder, RunMeta before, RunMeta after,
                         int go)
    : m_model(model)
    , m_folder(std::move(folder))
    , m_before(std::move(before))
    , m_after(std::move(after))
    , m_go(go)
{
    const int changed = changes();
    setText(changed == titleField       ? tr("renaming of a run")
                : changed == tagsField  ? tr("change of tags")
                : changed == notesField ? tr("change of notes")
                                        : tr("star"));
}

int MetaCommand::changes() const
{
    return (m_before.title != m_after.title ? titleField : 0)
        | (m_before.tags != m_after.tags ? tagsField : 0)
        | (m_before.notes != m_after.notes ? notesField : 0)
        | (m_before.star != m_after.star ? starField : 0);
}

void MetaCommand::redo()
{
    if (!std::exchange(m_done, false))
        put(m_before, m_after);
}

void MetaCommand::put(const RunMeta& from, const RunMeta& to)
{
    try {
        m_model.putMeta(m_folder, from, to);
    } catch (const std::exception& error) {
        emit m_model.problem(QString::fromUtf8(error.what()));
        setObsolete(true);
    }
}

bool MetaCommand::mergeWith(const QUndoCommand* other)
{
    const auto* next = static_cast<const MetaCommand*>(other);
    if (next->m_folder != m_folder || next->m_go != m_go || next->changes() != changes()
        || changes() == starField)
        return false;
    m_after = m_after.edited(next->m_before, next->m_after);
    setObsolete(m_after == m_before);
    return true;
}

PlotCommand::PlotCommand(CurvesPanel* panel, Json before, Json after, int go)
    : m_panel(panel)
    , m_before(std::move(before))
    , m_after(std::move(after))
    , m_go(go)
{
    const QString key = changedKeys(m_before, m_after).value(0);
    setText(key == QLatin1String("/smoothing")        ? tr("change of smoothing")
                : key == QLatin1String("/seeds")      ? tr("change of the mean over seeds")
                : key == QLatin1String("/log_steps")  ? tr("change of the axis of steps")
                : key == QLatin1String("/log_values") ? tr("change of the axis of values")
                                                      : tr("change of what a plot shows"));
}

void PlotCommand::undo()
{
    if (m_panel)
        m_panel->setChoices(m_before);
}

void PlotCommand::redo()
{
    if (!std::exchange(m_done, false) && m_panel)
        m_panel->setChoices(m_after);
}

bool PlotCommand::mergeWith(const QUndoCommand* other)
{
    const auto* next = static_cast<const PlotCommand*>(other);
    if (next->m_go != m_go
        || changedKeys(next->m_before, next->m_after) != changedKeys(m_before, m_after))
        return false;
    m_after = next->m_after;
    setObsolete(m_after == m_before);
    return true;
}

DeleteCommand::DeleteCommand(RunListModel& model, const std::vector<fs::path>& folders,
                             const QString& text)
    : m_model(model)
{
    for (const fs::path& folder : folders)
        m_runs.push_back({folder});
    setText(text);
}

/// It may have been continued since the deletion was undone. Says so.
bool DeleteCommand::isTraining(const fs::path& folder) const
{
    RunLog* run = m_model.log(m_model.indexOf(folder));
    if (!run)
        return false;
    if (run->checkWorker())
        m_model.touch(run);
    if (!run->isActive())
        return false;
    emit m_model.problem(
        tr("[runs] %1 is in training; stop it before it is deleted").arg(run->identity().name));
    return true;
}

void DeleteCommand::redo()
{
    // Qt finds no trash where the folder around it does not exist yet.
    QDir().mkpath(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation));
    bool moved = false;
    for (Run& run : m_runs) {
        if (isTraining(run.folder))
            continue;
        QFile folder(QString::fromStdString(run.folder.string()));
        if (folder.moveToTrash()) {
            run.inTrash = folder.fileName().toStdString();
            m_model.drop(run.folder);
            moved = true;
        } else {
            emit m_model.problem(
                tr("[runs] %1 cannot be moved to the trash: %2; delete it in a file manager, or "
                   "change its permissions")
                    .arg(folder.fileName(), folder.errorString()));
        }
    }
    setObsolete(!moved);
    m_model.rescan();
}

void DeleteCommand::undo()
{
    for (Run& run : m_runs) {
        if (run.inTrash.empty())
            continue;
        std::error_code failure;
        if (!fs::exists(run.folder, failure))
            fs::rename(run.inTrash, run.folder, failure);
        else
            failure = std::make_error_code(std::errc::file_exists);
        if (failure) {
            emit m_model.problem(
                tr("[runs] %1 cannot be brought back from %2: %3; look for it in the trash")
                    .arg(QString::fromStdString(run.folder.string()),
                         QString::fromStdString(run.inTrash.string()),
                         QString::fromStdString(failure.message())));
            continue;
        }
        forgetInTrash(run.inTrash);
        run.inTrash.clear();
        try {
            m_model.addFolder(run.folder);
        } catch (const std::exception& error) {
            emit m_model.problem(QString::fromUtf8(error.what()));
        }
    }
}

} // namespace stair
