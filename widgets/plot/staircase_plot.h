#pragma once

#include "widgets/plot/axis_reach.h"
#include "widgets/plot/plot_view.h"

#include <memory>
#include <vector>

class QCPAxisRect;
class QCPGraph;
class QCPLegend;
class QCPItemStraightLine;
class QCPItemText;
class QMouseEvent;

namespace stair {

/// One method's curves over x, ascending; all of one length.
struct StaircaseCurve
{
    QString name;
    int hue = 0; // PlotTheme::curve
    int dash = 0; // PlotTheme::dash
    std::vector<double> x;
    std::vector<double> forward;
    std::vector<double> surrogate;
    std::vector<double> slope;
    std::vector<double> error;
};

/// Values of a layer in equal bins.
struct ValueArea
{
    double from = 0;
    double width = 1;
    std::vector<double> counts;
};

/// Forward staircases (thick) and surrogates (thin, dashed) with the layer's values as a pale area under
/// them; below, on axes of their own, the slopes and the errors. The step and the clip can be dragged.
class StaircasePlot : public PlotView
{
    Q_OBJECT

public:
    explicit StaircasePlot(QWidget* parent = nullptr);
    ~StaircasePlot() override;

    void setCurves(std::vector<StaircaseCurve> curves);
    void setLevels(const std::vector<double>& values);
    void setValues(ValueArea values);

    /// Where the handles stand; clip <= step hides the clip's.
    void setHandles(double step, double clip);

    /// Draws now.
    void redraw();

    /// Lets the axes grow to what they show, unless the user has zoomed or holds a handle.
    void follow();

    /// Forgets zoom and growth: the next follow() starts from what is needed then.
    void fit();

    /// The range of x that is shown.
    double from() const;
    double to() const;

    QString dataText() const override;

    /// Where a handle stands in the widget, for tests and guides.
    QPoint stepHandle() const { return handleAt(m_step); }
    QPoint clipHandle() const { return handleAt(m_clip); }

signals:
    void stepDragged(double step);
    void clipDragged(double clip);
    void rangeChanged(); // by the user: sample anew

protected:
    void applyTheme() override;
    void showAll() override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class Handle
    {
        None,
        Step,
        Clip
    };
    struct Graphs;

    void setUpRects();
    void setUpHandles();
    void fillGraphs();
    QPoint handleAt(double x) const;
    Handle handleUnder(const QPointF& position) const;
    bool dragTo(const QMouseEvent& event);
    void showReadout(const QPointF& position);

    QCPAxisRect* m_main = nullptr;
    QCPAxisRect* m_slope = nullptr;
    QCPAxisRect* m_error = nullptr;
    QCPGraph* m_area = nullptr;
    QCPGraph* m_surrogateSample = nullptr; // for the legend alone
    QCPLegend* m_legend = nullptr;
    QCPItemStraightLine* m_stepLine = nullptr;
    QCPItemStraightLine* m_clipLine = nullptr;
    QCPItemText* m_stepText = nullptr;
    QCPItemText* m_clipText = nullptr;
    std::vector<StaircaseCurve> m_curves;
    std::vector<std::unique_ptr<Graphs>> m_graphs;
    std::vector<double> m_levels;
    ValueArea m_values;
    double m_step = 1;
    double m_clip = 0;
    Handle m_dragged = Handle::None;
    AxisReach m_xReach;
    AxisReach m_yReach;
    AxisReach m_slopeReach;
    AxisReach m_errorReach;
    bool m_ownChange = false;
};

} // namespace stair
