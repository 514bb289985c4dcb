#include "widgets/plot/line_plot.h"

#include "widgets/plot/line_plot_p.h"
#include "widgets/plot/picture_menu.h"

#include <QTextStream>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace stair {

LinePlot::LinePlot(const QString& title, const QString& yTitle, double yEnd, QWidget* parent)
    : PlotView(title, parent)
    , m_yEnd(yEnd)
{
    setMouseHelp(
        tr("<p>The wheel zooms the steps, or over the value axis the values; dragging pans, "
           "with Shift it draws a box to zoom to. A zoom stays when data arrives; Live, Esc or a "
           "double click follows the run again.</p><p>The cross-hair reads all curves; A and B "
           "put cursors there, arrows move the last one, Delete takes both away. A right "
           "click copies and saves the picture and its data.</p>"));
    setUpPlot();
    setUpCursors();
    setUpMouse();
    setYAxis(yTitle, yEnd);
    retheme();
    followData();
}

LinePlot::~LinePlot() = default;

void LinePlot::setUpPlot()
{
    QCustomPlot& plot = this->plot();
    plot.xAxis->setLabel(tr("Step"));
    for (const Qt::Orientation axis : {Qt::Horizontal, Qt::Vertical})
        setLogarithmic(axis, false);
    // Fixed margins: plots above each other line up, and no tick label moves the frame.
    const QFontMetrics metrics(font());
    QCPAxisRect* rect = plot.axisRect();
    rect->setAutoMargins(QCP::msNone);
    rect->setMargins(
        QMargins(metrics.horizontalAdvance(QStringLiteral("0.0000")) + metrics.height() + 18,
                 metrics.height() / 2 + 4, 18, 2 * metrics.height() + 18));
    connect(&plot, &QCustomPlot::beforeReplot, this, &LinePlot::fillGraphs);
    connect(&plot, &QCustomPlot::afterLayout, this, &LinePlot::placeLabels);
}

void LinePlot::setXAxis(const QString& title, const QString& word)
{
    plot().xAxis->setLabel(title);
    plot().xAxis->setNumberFormat(QStringLiteral("g")); // not only whole numbers
    plot().xAxis->setNumberPrecision(6);
    m_xWord = word;
    m_dirty = true;
}

int LinePlot::addCurve(const QString& name, const CurveStyle& style, const QString& label)
{
    auto curve = std::make_unique<Curve>();
    curve->name = name;
    curve->label = label;
    curve->style = style;
    curve->graph = plot().addGraph();
    curve->graph->setName(name);
    applyStyle(*curve);
    m_curves.push_back(std::move(curve));
    m_dirty = true;
    return int(m_curves.size()) - 1;
}

void LinePlot::rename(int curve, const QString& name)
{
    Curve& changed = *m_curves[std::size_t(curve)];
    changed.name = name;
    changed.graph->setName(name);
    m_dirty = true;
}

int LinePlot::addBand(const QString& name, int hue)
{
    auto band = std::make_unique<Band>();
    band->lowGraph = plot().addGraph();
    band->highGraph = plot().addGraph();
    band->highGraph->setChannelFillGraph(band->lowGraph);
    m_bands.push_back(std::move(band));
    setBand(int(m_bands.size()) - 1, name, hue);
    return int(m_bands.size()) - 1;
}

void LinePlot::setBand(int band, const QString& name, int hue)
{
    Band& changed = *m_bands[std::size_t(band)];
    changed.name = name;
    changed.hue = hue;
    changed.highGraph->setName(name);
    applyTheme();
}

void LinePlot::removeCurves()
{
    plot().clearGraphs();
    m_curves.clear();
    m_bands.clear();
    m_xReach.reset();
    m_yReach.reset();
    m_yLowReach.reset();
    m_yLogLow = 0;
    hideHover();
    m_dirty = true;
}

void LinePlot::append(int curve, double x, double y)
{
    if (!std::isfinite(x) || !std::isfinite(y))
        return;
    m_curves[std::size_t(curve)]->series.append(x, y);
    m_dirty = true;
}

void LinePlot::clear(int curve)
{
    m_curves[std::size_t(curve)]->series.clear();
    m_dirty = true;
}

const std::vector<MinMaxSeries::Point>& LinePlot::points(int curve) const
{
    return m_curves[std::size_t(curve)]->series.points();
}

void LinePlot::appendBand(int band, double x, double low, double high)
{
    if (!std::isfinite(x) || !std::isfinite(low) || !std::isfinite(high))
        return;
    m_bands[std::size_t(band)]->low.append(x, low);
    m_bands[std::size_t(band)]->high.append(x, high);
    m_dirty = true;
}

void LinePlot::clearBand(int band)
{
    m_bands[std::size_t(band)]->low.clear();
    m_bands[std::size_t(band)]->high.clear();
    m_dirty = true;
}

void LinePlot::setXLimit(double limit)
{
    if (limit == m_xLimit)
        return;
    m_xLimit = limit;
    m_xReach.reset();
    m_dirty = true;
}

void LinePlot::refresh()
{
    if (!m_dirty)
        return;
    m_dirty = false;
    if (isLive())
        followData();
    plot().replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::goLive()
{
    setLive(true);
    m_xReach.reset();
    m_yReach.reset();
    m_yLowReach.reset();
    m_yLogLow = 0;
    m_dirty = true;
    refresh();
}

void LinePlot::showAll()
{
    goLive();
    emit wentLive();
}

void LinePlot::setXRange(double from, double to)
{
    setLive(false);
    m_ownChange = true;
    plot().xAxis->setRange(from, to);
    m_ownChange = false;
    m_dirty = true;
    refresh();
}

QString LinePlot::dataText() const
{
    const QCPRange range = plot().xAxis->range();
    QString text;
    QTextStream out(&text);
    out.setRealNumberPrecision(9);
    out << "curve," << (m_xWord.isEmpty() ? QStringLiteral("step") : m_xWord) << ",value\n";
    const auto write = [&](const QString& name, const MinMaxSeries& series) {
        const QString field = quotedField(name);
        for (const MinMaxSeries::Point& point : series.points()) {
            if (range.contains(point.x))
                out << field << ',' << point.x << ',' << point.y << '\n';
        }
    };
    for (const auto& curve : m_curves)
        write(curve->name, curve->series);
    for (const auto& band : m_bands) {
        write(tr("%1, lower end").arg(band->name), band->low);
        write(tr("%1, upper end").arg(band->name), band->high);
    }
    return text;
}

} // namespace stair
