#include "widgets/plot/line_plot.h"

#include "widgets/plot/line_plot_p.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

// The axes of a line plot: how they follow the data, and what of it is drawn.
namespace stair {

namespace {

constexpr double leastLog = 1; // steps count from 1

/// On a logarithmic axis every octave has its share of the pixels.
std::vector<MinMaxSeries::Point> drawnPoints(const MinMaxSeries& series, const QCPRange& range,
                                             int columns, bool logarithmic)
{
    if (!logarithmic || range.lower <= 0)
        return series.visible(range.lower, range.upper, columns);
    const double octaves = std::max(std::log2(range.upper / range.lower), 1e-9);
    std::vector<MinMaxSeries::Point> drawn;
    for (double from = range.lower; from < range.upper; from *= 2) {
        const double to = std::min(2 * from, range.upper);
        const int share = int(std::ceil(columns * std::log2(to / from) / octaves));
        for (const MinMaxSeries::Point& point : series.visible(from, to, std::max(share, 1))) {
            if (drawn.empty() || point.x > drawn.back().x)
                drawn.push_back(point);
        }
    }
    return drawn;
}

/// Whether the curve goes up and down so often that it is a band of ink: how many times its width it
/// is long on the screen.
bool isDense(const QCPGraph& graph, int columns)
{
    constexpr double mostWidths = 8;
    double length = 0, last = 0;
    for (const QCPGraphData& point : *graph.data()) {
        const double place = graph.valueAxis()->coordToPixel(point.value);
        length += std::min(std::abs(place - last), 1e4);
        last = place;
    }
    return length > mostWidths * columns;
}

void fill(QCPGraph& graph, const std::vector<MinMaxSeries::Point>& points)
{
    QVector<QCPGraphData> data(qsizetype(points.size()));
    for (std::size_t i = 0; i < points.size(); ++i)
        data[qsizetype(i)] = QCPGraphData(points[i].x, points[i].y);
    graph.data()->set(data, true);
}

void setScale(QCPAxis& axis, bool logarithmic)
{
    axis.setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axis.setTicker(logarithmic ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                               : QSharedPointer<QCPAxisTicker>::create());
    axis.ticker()->setTickStepStrategy(QCPAxisTicker::tssReadability);
}

} // namespace

void LinePlot::setYAxis(const QString& title, double yEnd)
{
    plot().yAxis->setLabel(title);
    m_yEnd = yEnd;
    m_yReach.reset();
    m_yLowReach.reset();
    m_yLogLow = 0;
    m_dirty = true;
}

QString LinePlot::yTitle() const
{
    return plot().yAxis->label();
}

void LinePlot::setLogarithmic(Qt::Orientation axis, bool logarithmic)
{
    QCPAxis* const changed = axis == Qt::Horizontal ? plot().xAxis : plot().yAxis;
    m_ownChange = true; // a scale may set its axis' range
    setScale(*changed, logarithmic);
    m_ownChange = false;
    if (axis == Qt::Horizontal)
        changed->ticker()->setTickCount(6);
    const bool isWhole = axis == Qt::Horizontal && !logarithmic; // a step
    changed->setNumberFormat(isWhole ? QStringLiteral("f") : QStringLiteral("gb"));
    changed->setNumberPrecision(isWhole ? 0 : logarithmic ? 3 : 6);
    if (isLive())
        goLive();
    m_dirty = true;
}

bool LinePlot::isLogarithmic(Qt::Orientation axis) const
{
    const QCPAxis* const asked = axis == Qt::Horizontal ? plot().xAxis : plot().yAxis;
    return asked->scaleType() == QCPAxis::stLogarithmic;
}

LinePlot::Extent LinePlot::extent() const
{
    Extent extent;
    const auto cover = [&](const MinMaxSeries& series) {
        if (series.points().empty())
            return;
        extent.x = std::max(extent.x, series.points().back().x);
        extent.greatest = std::max(extent.greatest, series.greatest());
        extent.least = std::min(extent.least, series.least());
        const double positive = series.leastPositive();
        if (positive > 0 && (extent.positive <= 0 || positive < extent.positive))
            extent.positive = positive;
    };
    for (const auto& curve : m_curves)
        cover(curve->series);
    for (const auto& band : m_bands) {
        cover(band->low);
        cover(band->high);
    }
    return extent;
}

void LinePlot::followData()
{
    const Extent all = extent();
    m_ownChange = true;
    // A little more than there is: the newest mark is not cut by the frame.
    plot().xAxis->setRange(isLogarithmic(Qt::Horizontal) ? leastLog : 0,
                           m_xReach.follow(std::max(1.1 * all.x, 10.0), 1.02 * m_xLimit));
    followY(all);
    m_ownChange = false;
}

void LinePlot::fitValues()
{
    m_ownChange = true;
    followY(extent());
    m_ownChange = false;
    m_dirty = true;
    refresh();
}

void LinePlot::followY(const Extent& all)
{
    const double end = m_yEnd > 0 ? m_yEnd : m_yReach.follow(all.greatest);
    double begin = all.least < 0 && m_yEnd <= 0 ? -m_yLowReach.follow(-all.least) : 0;
    if (isLogarithmic(Qt::Vertical)) {
        const double positive = all.positive > 0 ? all.positive : end / 10;
        const double power = std::pow(10, std::floor(std::log10(std::min(positive, end / 2))));
        m_yLogLow = m_yLogLow > 0 ? std::min(m_yLogLow, power) : power;
        begin = m_yLogLow;
    }
    plot().yAxis->setRange(begin, end);
}

void LinePlot::fillGraphs()
{
    const QCPRange range = plot().xAxis->range();
    const int columns = std::max(1, plot().axisRect()->width());
    const bool logarithmic = isLogarithmic(Qt::Horizontal);
    // In a low plot fewer labels, so that none lies on another.
    const int labels = plot().axisRect()->height() / (2 * fontMetrics().height());
    plot().yAxis->ticker()->setTickCount(std::clamp(labels, 1, 5));
    for (const auto& curve : m_curves) {
        fill(*curve->graph, drawnPoints(curve->series, range, columns, logarithmic));
        // No dash is seen in it then, and drawing some would take half a second.
        const bool isInk = isDense(*curve->graph, columns);
        if (isInk == curve->isInk)
            continue;
        curve->isInk = isInk;
        applyStyle(*curve);
    }
    for (const auto& band : m_bands) {
        fill(*band->lowGraph, drawnPoints(band->low, range, columns, logarithmic));
        fill(*band->highGraph, drawnPoints(band->high, range, columns, logarithmic));
    }
}

std::pair<double, double> LinePlot::xRange() const
{
    return {plot().xAxis->range().lower, plot().xAxis->range().upper};
}

} // namespace stair
