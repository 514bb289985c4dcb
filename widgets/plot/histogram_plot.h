#pragma once

#include "widgets/plot/axis_reach.h"
#include "widgets/plot/histogram_bars.h"
#include "widgets/plot/plot_view.h"

#include <vector>

class QCPAbstractItem;
class QCPAxis;
class QCPGraph;
class QCPLegend;

namespace stair {

/// The grid on which the values are put: drawn over the bars.
struct HistogramGrid
{
    std::vector<double> levels; // values, ascending
    std::vector<double> counts; // of each level
    double clipLow = 0; // beyond them values are cut off; equal: no clip lines
    double clipHigh = 0;
};

/// Histograms of one tensor: the first as bars, others as outlines in bars of the same width, so that the
/// shares compare. Level lines with their shares, clip lines.
class HistogramPlot : public PlotView
{
    Q_OBJECT

public:
    explicit HistogramPlot(QWidget* parent = nullptr);

    void setXTitle(const QString& title);

    /// Edges at exponents of two of either sign, as core/train/histogram.h has them: ticks are named so.
    void setOctaves(bool octaves);
    void setLogarithmic(bool logarithmic);
    bool isLogarithmic() const { return m_logarithmic; }

    void setSeries(std::vector<HistogramSeries> series);
    void setGrid(HistogramGrid grid);

    /// Something else is shown from now on: forgets zoom and growth.
    void startOver();

    /// Draws once, soon.
    void refresh();

    /// What is drawn of one series.
    const HistogramBars& bars(std::size_t series) const { return m_bars[series]; }

    QString dataText() const override;

signals:
    void logarithmicChanged(bool logarithmic); // by the user

protected:
    void applyTheme() override;
    void showAll() override;
    void fillMenu(QMenu& menu) override;

private:
    void followRange();
    void drawGrid();
    void showReadout(const QPointF& position);

    QCPAxis* m_x = nullptr;
    QCPAxis* m_y = nullptr;
    std::vector<HistogramSeries> m_series;
    std::vector<HistogramBars> m_bars; // of m_series
    std::vector<QCPGraph*> m_graphs;
    QCPLegend* m_legend = nullptr;
    HistogramGrid m_grid;
    std::vector<QCPAbstractItem*> m_gridItems; // owned by the plot
    AxisReach m_xReach;
    AxisReach m_yReach;
    bool m_octaves = false;
    bool m_logarithmic = false;
    bool m_ownChange = false;
};

} // namespace stair
