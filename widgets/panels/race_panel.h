#pragma once

#include "widgets/models/race_model.h"
#include "widgets/panels/race_lane.h"
#include "widgets/panels/race_setup.h"

#include <QElapsedTimer>
#include <QWidget>

class QComboBox;
class QGridLayout;
class QLabel;
class QPushButton;
class QScrollArea;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace stair {

class NoticeStrip;

/// Methods against each other: a lane each, and a scoreboard over them. Races are found among the
/// listed runs, so that they are there again after a restart.
class RacePanel : public QWidget
{
    Q_OBJECT

public:
    /// `runs` must outlive this.
    explicit RacePanel(const RunListModel& runs, QWidget* parent = nullptr);

    /// The experiment that a race would train, or why there is none.
    void setExperiment(const std::optional<ExperimentSpec>& spec, const QString& problem);

    void openSetup();

    /// Shows the race with this id as soon as it is listed; awaited() until then.
    void showRace(const std::string& id);
    const std::string& awaited() const { return m_wanted; }
    void giveUpWaiting(); // none of its runs has come to anything

    /// Whether the race that is shown goes on by itself: more of its runs are to be started.
    void setDriven(bool driven);

    /// The one that is shown; without id when there is none.
    const Race& race() const { return m_model.race(); }

    /// Looks for races among the runs: when runs came or went. Once a second is enough.
    void findRaces();

    /// Draws what is new in the race that is shown.
    void refresh();

    RaceModel& model() { return m_model; }
    const std::vector<RaceLaneWidget*>& lanes() const { return m_lanes; }

signals:
    void setupWanted(); // setExperiment() and openSetup() are to follow
    void startWanted(const stair::RaceStart& race);
    void stopWanted();
    void continueWanted();
    void runsWanted(const std::vector<RunLog*>& runs); // to be selected

private:
    enum Page
    {
        Empty,
        Setup,
        Track
    };

    QWidget* buildBar();
    QWidget* buildEmpty();
    QWidget* buildRace();
    void buildBoard();
    void fillBox();
    void display(const Race& race);
    void layLanes();
    void updateControls();
    RaceView view() const;

    const RunListModel& m_runs;
    RaceModel m_model;
    std::vector<Race> m_races;
    std::string m_wanted; // shown once it is there
    bool m_driven = false;
    QElapsedTimer m_drawn;
    QStackedWidget* m_pages = nullptr;
    RaceSetup* m_setup = nullptr;
    QComboBox* m_box = nullptr;
    QComboBox* m_what = nullptr;
    QComboBox* m_over = nullptr;
    QComboBox* m_spread = nullptr;
    QToolButton* m_new = nullptr;
    QToolButton* m_continue = nullptr;
    QToolButton* m_stop = nullptr;
    NoticeStrip* m_notice = nullptr;
    QLabel* m_verdict = nullptr;
    QTableView* m_board = nullptr;
    QWidget* m_track = nullptr;
    QGridLayout* m_grid = nullptr;
    std::vector<RaceLaneWidget*> m_lanes;
};

} // namespace stair
