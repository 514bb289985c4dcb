#pragma once

#include "core/base/json.h"
#include "core/session/run_meta.h"

#include <QPointer>
#include <QUndoCommand>

#include <filesystem>
#include <vector>

namespace stair {

class CurvesPanel;
class ExperimentEditor;
class RunListModel;

/// An edit of the setup form, which has happened. Edits of one field in one go become one.
class FormCommand : public QUndoCommand
{
public:
    /// `go` counts up whenever the user turns to another field; `what` names an edit of the form as
    /// a whole.
    FormCommand(ExperimentEditor* editor, Json before, Json after, const QString& what, int go);

    int id() const override { return 1; }
    void undo() override;
    void redo() override;
    bool mergeWith(const QUndoCommand* other) override;

private:
    QPointer<ExperimentEditor> m_editor;
    Json m_before;
    Json m_after;
    QString m_field; // the keys that changed; empty: never merged
    int m_go;
    bool m_done = true; // the first redo() finds it done
};

/// The keys that differ between two states of the form, as JSON pointers.
QStringList changedKeys(const Json& before, const Json& after);

/// "/training/fields/learning_rate" as "learning rate", "/quant/method/id" as "method".
QString keyWords(const QString& key);

/// An edit of a run's title, tags, notes or star, which has happened. Typing in one field in one go
/// becomes one.
class MetaCommand : public QUndoCommand
{
public:
    /// What differs between `before` and `after` is put, and nothing else.
    MetaCommand(RunListModel& model, std::filesystem::path folder, RunMeta before, RunMeta after,
                int go);

    int id() const override { return 2; }
    void undo() override { put(m_after, m_before); }
    void redo() override;
    bool mergeWith(const QUndoCommand* other) override;

private:
    void put(const RunMeta& from, const RunMeta& to);
    int changes() const; // the fields that differ

    RunListModel& m_model;
    std::filesystem::path m_folder;
    RunMeta m_before;
    RunMeta m_after;
    int m_go;
    bool m_done = true;
};

/// Another choice of what the curves show and how, which has happened. Choices of one kind in one go
/// become one.
class PlotCommand : public QUndoCommand
{
public:
    PlotCommand(CurvesPanel* panel, Json before, Json after, int go);

    int id() const override { return 3; }
    void undo() override;
    void redo() override;
    bool mergeWith(const QUndoCommand* other) override;

private:
    QPointer<CurvesPanel> m_panel;
    Json m_before;
    Json m_after;
    int m_go;
    bool m_done = true;
};

/// Moves runs' folders to the desktop's trash, and back. What cannot be moved, or is in training by
/// then, is told by the model's problem().
class DeleteCommand : public QUndoCommand
{
public:
    DeleteCommand(RunListModel& model, const std::vector<std::filesystem::path>& folders,
                  const QString& text);

    void undo() override;
    void redo() override;

private:
    struct Run
    {
        std::filesystem::path folder;
        std::filesystem::path inTrash = {}; // where it lies now; empty: it is in its place
    };

    bool isTraining(const std::filesystem::path& folder) const;

    RunListModel& m_model;
    std::vector<Run> m_runs;
};

} // namespace stair
