#include "widgets/panels/layer_curves.h"

#include "widgets/panels/cursor_table.h"
#include "widgets/plot/line_plot.h"

#include <QGridLayout>

#include <algorithm>
#include <array>

namespace stair {

namespace {

constexpr std::size_t normPlot = 4;

std::array<double, 5> valuesOf(const TracePoint& point)
{
    return {100 * point.saturated, 100 * point.zero, 100 * point.unused, 100 * point.flips,
            point.norm};
}

} // namespace

LayerCurves::LayerCurves(QWidget* parent)
    : QWidget(parent)
    , m_cursors(new CursorTable)
{
    m_plots = {new LinePlot(tr("Cut off"), tr("Values (%)"), 0),
               new LinePlot(tr("Zero codes"), tr("Codes (%)"), 0),
               new LinePlot(tr("Unused levels"), tr("Levels (%)"), 0),
               new LinePlot(tr("Flips by one update"), tr("Weight codes (%)"), 0),
               new LinePlot(tr("Gradient norm"), tr("Norm"), 0)};
    static const char* const tips[]
        = {QT_TR_NOOP("Saturation: share of values beyond the grid's ends"),
           QT_TR_NOOP("Share of codes that are 0"),
           QT_TR_NOOP("Share of the grid's levels that no value took at that step"),
           QT_TR_NOOP("Share of weight codes that the update of that step changed"),
           QT_TR_NOOP("Euclidean norm of the loss's gradient by the layer's weights")};
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(4);
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        m_plots[i]->setToolTip(tr(tips[i]));
        m_plots[i]->setMeaning(tr(tips[i]));
        m_plots[i]->setAccessibleName(tr(tips[i]));
        m_plots[i]->setMinimumHeight(90);
        if (i < normPlot)
            grid->addWidget(m_plots[i], int(i) / 2, int(i) % 2);
    }
    grid->addWidget(m_plots[normPlot], 2, 0, 1, 2);
    for (LinePlot* from : m_plots) {
        for (LinePlot* to : m_plots) {
            if (from == to)
                continue;
            connect(from, &LinePlot::xRangeChanged, to, &LinePlot::setXRange);
            connect(from, &LinePlot::wentLive, to, &LinePlot::goLive);
        }
        connect(from, &LinePlot::xRangeChanged, this, &LayerCurves::xRangeChanged);
        connect(from, &LinePlot::wentLive, this, &LayerCurves::wentLive);
    }
    m_cursors->follow(m_plots);
    grid->addWidget(m_cursors, 3, 0, 1, 2);
}

void LayerCurves::setXRange(double from, double to)
{
    for (LinePlot* plot : m_plots)
        plot->setXRange(from, to);
}

void LayerCurves::goLive()
{
    for (LinePlot* plot : m_plots)
        plot->goLive();
}

void LayerCurves::draw(const std::vector<Lane>& lanes, const std::string& layer, TensorSide side)
{
    std::string shown = layer + char('0' + int(side));
    double limit = 0;
    for (const Lane& lane : lanes) {
        shown += '\n' + lane.name.toStdString();
        limit = std::max(limit, lane.steps);
    }
    const bool isNew = shown != m_shown; // otherwise zoom and grown axes stay
    m_shown = shown;
    const bool isGradient = side == TensorSide::Gradients;
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        LinePlot& plot = *m_plots[i];
        plot.setVisible(isGradient ? i == normPlot
                                   : i < normPlot - (side == TensorSide::Activations));
        plot.setXLimit(limit);
        if (isNew)
            plot.removeCurves();
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
            const RunStyle style = lanes[lane].style;
            const int curve
                = isNew ? plot.addCurve(lanes[lane].name, {style.hue, style.dash}) : int(lane);
            plot.clear(curve);
            const LayersReport* latest = lanes[lane].log->latest();
            if (!latest)
                continue;
            for (const TracePoint& point : lanes[lane].log->trace(traceName(*latest, layer, side)))
                plot.append(curve, point.step, valuesOf(point)[i]);
        }
        if (isNew)
            plot.goLive();
        plot.refresh();
    }
    m_cursors->refresh();
}

} // namespace stair
