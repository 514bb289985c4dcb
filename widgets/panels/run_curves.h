#pragma once

#include "widgets/models/run_log.h"
#include "widgets/models/run_style.h"
#include "widgets/panels/curve_quantities.h"
#include "widgets/panels/smoother.h"

#include <vector>

namespace stair {

class LinePlot;

/// One run in a plot: what it is drawn from and how.
struct CurveLane
{
    const RunLog* run = nullptr;
    RunStyle style;
    const LayerLog* layers = nullptr; // of quantities of a layer; may be null
};

/// What is drawn around a mean over seeds.
enum class SeedBand
{
    None, // runs are not put together
    Deviation, // of the sample
    Interval // 95 % of the mean
};

/// Runs that differ in their seed alone.
struct SeedGroup
{
    QString name;
    std::vector<std::size_t> lanes;
};

/// "a run, mean of 3 seeds ± standard deviation"
QString seedGroupText(const SeedGroup& group, SeedBand band);

/// The curves that several runs have of one quantity, in a plot of its own. Runs of a group are thin
/// lines behind the group's mean and band, at the steps which all of them have.
class RunCurves
{
public:
    explicit RunCurves(LinePlot& plot)
        : m_plot(plot)
    {
    }

    /// Draws these from now on. The runs and logs must outlive it.
    void setUp(const CurveQuantity& quantity, std::vector<CurveLane> lanes,
               std::vector<SeedGroup> groups, SeedBand band, const std::string& layer,
               double smoothing);

    /// Takes over what is new and draws once.
    void refresh();

private:
    /// One run's curves, and how much of the run they show.
    struct Source
    {
        CurveLane lane;
        int group = -1;
        int raw = -1; // curves; -1: none
        int line = -1;
        std::vector<int> evaluations;
        Smoother smoother;
        int generation = -1;
        int layerGeneration = -1;
        std::size_t points = 0; // taken: steps, or points of the layer's trace
        std::size_t evaluated = 0;
    };

    /// The mean of some curves.
    struct Mean
    {
        int group = 0;
        std::vector<int> members; // curves
        std::vector<std::size_t> next; // of their points
        int curve = -1;
        int band = -1;
    };

    void addSource(std::size_t lane);
    int addCurve(const Source& source, const QString& what, CurveStyle::Mark mark);
    void addMeans();
    void restart(Source& source);
    void takeSteps(Source& source);
    void takeTrace(Source& source);
    void takeEvaluations(Source& source);
    void extend(Mean& mean);

    LinePlot& m_plot;
    CurveQuantity m_quantity;
    std::vector<CurveLane> m_lanes;
    std::vector<SeedGroup> m_groups;
    SeedBand m_band = SeedBand::None;
    std::string m_layer;
    double m_smoothing = 0;
    std::vector<Source> m_sources;
    std::vector<Mean> m_means;
};

} // namespace stair
