#include "widgets/plot/staircase_plot_p.h"

#include <QLabel>
#include <QMouseEvent>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr double grip = 6; // pixels beside a handle that still hold it

} // namespace

void setReduced(QCPGraph& graph, const std::vector<double>& x, const std::vector<double>& y)
{
    QVector<QCPGraphData> points;
    points.reserve(qsizetype(x.size()));
    double scale = 1e-30;
    for (const double value : y)
        scale = std::max(scale, std::isfinite(value) ? std::abs(value) : 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const QCPGraphData next(x[i], y[i]);
        const qsizetype n = points.size();
        if (n >= 2) {
            const QCPGraphData& a = points[n - 2];
            const QCPGraphData& b = points[n - 1];
            const double straight
                = a.value + (next.value - a.value) * (b.key - a.key) / (next.key - a.key);
            if (std::abs(straight - b.value) < 2e-5 * scale)
                points.removeLast();
        }
        points.push_back(next);
    }
    graph.data()->set(points, true);
}

QPoint StaircasePlot::handleAt(double x) const
{
    const QPoint inside(int(std::lround(m_main->axis(QCPAxis::atBottom)->coordToPixel(x))),
                        m_main->rect().center().y());
    return plot().mapTo(this, inside);
}

StaircasePlot::Handle StaircasePlot::handleUnder(const QPointF& position) const
{
    if (!m_main->rect().contains(position.toPoint()))
        return Handle::None;
    const auto distance = [&](double x) {
        return std::abs(m_main->axis(QCPAxis::atBottom)->coordToPixel(x) - position.x());
    };
    if (m_clipLine->visible() && distance(m_clip) <= grip && distance(m_clip) <= distance(m_step))
        return Handle::Clip;
    return distance(m_step) <= grip ? Handle::Step : Handle::None;
}

bool StaircasePlot::dragTo(const QMouseEvent& event)
{
    const double x = m_main->axis(QCPAxis::atBottom)->pixelToCoord(event.position().x());
    // Never through zero: the least step is a pixel.
    const double least = (to() - from()) / std::max(1, m_main->width());
    if (m_dragged == Handle::Step)
        emit stepDragged(std::max(x, least));
    else
        emit clipDragged(std::max(x, least));
    return true;
}

/// The plot's own mouse events, before it sees them: handles come before panning.
bool StaircasePlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != &plot())
        return PlotView::eventFilter(watched, event);
    if (event->type() == QEvent::MouseButtonPress) {
        const auto& press = static_cast<QMouseEvent&>(*event);
        if (press.button() == Qt::LeftButton)
            m_dragged = handleUnder(press.position());
        if (m_dragged != Handle::None) {
            setFocus(Qt::MouseFocusReason);
            return true;
        }
    } else if (event->type() == QEvent::MouseMove) {
        const auto& move = static_cast<QMouseEvent&>(*event);
        if (m_dragged != Handle::None)
            return dragTo(move);
        plot().setCursor(handleUnder(move.position()) == Handle::None ? Qt::ArrowCursor
                                                                      : Qt::SplitHCursor);
        showReadout(move.position());
    } else if (event->type() == QEvent::MouseButtonRelease && m_dragged != Handle::None) {
        m_dragged = Handle::None;
        emit rangeChanged(); // the axes may follow now
        return true;
    } else if (event->type() == QEvent::Leave) {
        readout().clear();
    }
    return PlotView::eventFilter(watched, event);
}

void StaircasePlot::showReadout(const QPointF& position)
{
    const double x = m_main->axis(QCPAxis::atBottom)->pixelToCoord(position.x());
    QStringList parts = {tr("x %1").arg(x, 0, 'g', 4)};
    for (const StaircaseCurve& curve : m_curves) {
        const auto next = std::ranges::lower_bound(curve.x, x);
        if (next == curve.x.end() || (next == curve.x.begin() && *next > x))
            continue;
        const auto i = std::size_t(next - curve.x.begin());
        parts += tr("%1: Q(x) %2, slope %3")
                     .arg(curve.name)
                     .arg(curve.forward[i], 0, 'g', 4)
                     .arg(curve.slope[i], 0, 'g', 4);
    }
    readout().setText(parts.join(QStringLiteral("   ")));
    readout().setToolTip(parts.join(QLatin1Char('\n')));
}

} // namespace stair
