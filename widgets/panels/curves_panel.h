#pragma once

#include "widgets/models/run_log.h"
#include "widgets/models/run_style.h"
#include "widgets/panels/smoother.h"

#include <QWidget>

#include <vector>

class QBoxLayout;
class QComboBox;

namespace stair {

class LegendBar;
class LinePlot;

/// Loss and accuracy over the steps of one or several runs, on the same steps: one above
/// the other, or side by side where there is little height.
class CurvesPanel : public QWidget
{
    Q_OBJECT

public:
    explicit CurvesPanel(QWidget* parent = nullptr);

    /// The runs to draw. They must outlive their being set; the caller polls them.
    void setRuns(const std::vector<const RunLog*>& runs);

    /// Takes over what is new in the runs and draws once. Called on each tick of the window.
    void refresh();

    /// Whether a run has got its name and method since it was set: it was just started then.
    bool identityChanged() const;

    LinePlot* lossPlot() const { return m_loss; }
    LinePlot* accuracyPlot() const { return m_accuracy; }

    /// How many steps the smoothed curves remember; 0: as they are.
    void setSmoothing(int steps);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    /// One run's curves, and how much of the run they show.
    struct Lane
    {
        const RunLog* run = nullptr;
        RunStyle style;
        QString name; // and method: what the curves were set up with
        std::string method;
        int generation = -1;
        std::size_t steps = 0;
        std::size_t evaluations = 0;
        Smoother loss;
        Smoother accuracy;
        int lossRaw = 0, lossSmooth = 0, lossTest = 0, lossValidation = 0;
        int accuracyRaw = 0, accuracySmooth = 0, test = 0, validation = 0, running = 0;
    };

    void linkPlots();
    void addLane(const RunLog& run, RunStyle style);
    void restart(Lane& lane);
    void takeSteps(Lane& lane);
    void takeEvaluations(Lane& lane);
    void fillLegend();

    QBoxLayout* m_plots = nullptr; // one above the other, or side by side where that is wide
    LegendBar* m_marks = nullptr;
    QComboBox* m_smoothing = nullptr;
    LinePlot* m_loss = nullptr;
    LinePlot* m_accuracy = nullptr;
    std::vector<Lane> m_lanes;
};

} // namespace stair
