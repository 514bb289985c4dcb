#pragma once

#include "widgets/plot/axis_reach.h"
#include "widgets/plot/plot_view.h"

#include <QString>

#include <vector>

class QCPColorMap;
class QCPColorScale;
class QCPGraph;

namespace stair {

/// One tensor's histograms over the steps, all in the same bins.
struct HeatMapCells
{
    std::vector<double> steps; // ascending, evenly spaced but for the last
    std::vector<double> edges; // of the values' bins, ascending
    std::vector<std::vector<double>> shares; // [step][bin], percent of that step's values
    std::vector<double> clipLow; // at each step; empty: none
    std::vector<double> clipHigh;
};

/// The colour of an evenly perceived scale at t from 0 to 1: from near the ground to the most telling
/// (viridis, turned round on a light ground).
QColor scaleColor(const PlotTheme& theme, double t);

/// Steps across, values up, shares as colours on a logarithmic scale; the clip lines over it.
class HeatMap : public PlotView
{
    Q_OBJECT

public:
    explicit HeatMap(QWidget* parent = nullptr);

    void setYTitle(const QString& title);
    void setOctaves(bool octaves);
    void setCells(HeatMapCells cells);
    const HeatMapCells& cells() const { return m_cells; }
    void refresh();

    /// Something else is shown from now on: forgets the zoom.
    void startOver();

    void setXRange(double from, double to); // as if the user had zoomed there
    void goLive(); // shows everything again

    QString dataText() const override;

signals:
    void xRangeChanged(double from, double to); // by the user
    void wentLive(); // by the user

protected:
    void applyTheme() override;
    void showAll() override;

private:
    void followRange();
    void showReadout(const QPointF& position);
    QString valueText(std::size_t bin) const;

    HeatMapCells m_cells;
    QCPColorMap* m_map = nullptr;
    QCPColorScale* m_scale = nullptr;
    QCPGraph* m_clipLow = nullptr;
    QCPGraph* m_clipHigh = nullptr;
    AxisReach m_reach; // of octaves
    bool m_octaves = false;
    bool m_ownChange = false;
};

} // namespace stair
