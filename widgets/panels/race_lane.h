#pragma once

#include "widgets/models/race.h"
#include "widgets/panels/smoother.h"

#include <QWidget>

#include <vector>

class QLabel;
class QProgressBar;

namespace stair {

class LegendBar;
class LinePlot;

/// What the lanes of a race are drawn over, and what is drawn.
struct RaceView
{
    bool showsLoss = false; // else accuracy
    bool overTime = false; // of training; else over epochs

    bool operator==(const RaceView&) const = default;
};

/// One method in a race: its curves, in its own colour and dash, the others' test curves pale behind
/// them, so that all lanes have the same axes; progress, time left, best accuracy, and what went wrong.
class RaceLaneWidget : public QWidget
{
    Q_OBJECT

public:
    RaceLaneWidget(const Race& race, std::size_t lane, RaceView view, QWidget* parent = nullptr);

    /// The same race with other runs in it: what is drawn of the others stays, and so does the zoom.
    void setRuns(const Race& race);

    /// Shows what is new in the runs.
    void refresh();

    LinePlot* plot() const { return m_plot; }

private:
    /// The curves of one lane's run with one seed, and how much of the run they show.
    struct Curves
    {
        std::size_t lane = 0;
        std::size_t seed = 0; // its place
        const RunLog* run = nullptr; // null: not started, nothing is drawn
        bool isOwn = false;
        int generation = -1;
        std::size_t steps = 0;
        std::size_t evaluations = 0;
        Smoother smoother;
        int batch = -1; // own alone
        int test = -1;
    };

    const RaceLane& lane() const { return m_race.lanes[m_place]; }
    void addCurves(std::size_t lane);
    void nameAll();
    void take(Curves& curves);
    void forget(Curves& curves);
    double at(const RunLog& run, double step, double elapsed) const;
    void showProgress();
    QString complaint() const;

    Race m_race;
    std::size_t m_place; // of the lane
    RaceView m_view;
    LegendBar* m_name = nullptr;
    QLabel* m_best = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_state = nullptr;
    QLabel* m_complaint = nullptr;
    LinePlot* m_plot = nullptr;
    std::vector<Curves> m_curves;
};

/// Seconds until the lane's last run ends, by what its runs say; negative: not known.
double raceLaneRemaining(const RaceLane& lane);

} // namespace stair
