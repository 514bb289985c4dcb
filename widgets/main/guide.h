#pragma once

#include "widgets/models/run_log.h"

#include <QObject>

#include <filesystem>
#include <vector>

class QAction;

namespace stair {

class ActionRegistry;
class GuideStrip;
class RunListModel;

/// The guided first run: four steps from the default experiment to what its results mean. Follows
/// what the user really does, and is in nobody's way: a strip that can be closed.
class Guide : public QObject
{
    Q_OBJECT

public:
    Guide(GuideStrip* strip, RunListModel& model, QObject* parent = nullptr);

    /// What the last step offers; those that the window has.
    void setActions(const ActionRegistry& actions);

    /// Begins where there is no run yet, unless the user has closed it once.
    void beginIfNew();
    void begin();

    /// The user has started these runs.
    void started(const std::vector<std::filesystem::path>& runs);

    /// Once a second: how far the runs are.
    void look();

private:
    enum class Step
    {
        Closed,
        Start,
        Watch,
        Result,
        Next
    };

    void go(Step step);
    void showWatch();
    void showResult();
    void showNext();
    void press(const QString& button);
    void close();
    std::vector<const RunLog*> runs() const;

    GuideStrip* m_strip;
    RunListModel& m_model;
    QAction* m_lab = nullptr;
    QAction* m_race = nullptr; // null: the window has none
    Step m_step = Step::Closed;
    std::vector<std::filesystem::path> m_runs;
};

} // namespace stair
