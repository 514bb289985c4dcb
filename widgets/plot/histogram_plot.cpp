#include "widgets/plot/histogram_plot.h"

#include "widgets/plot/octave_ticker.h"
#include "widgets/plot/picture_menu.h"

#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QTextStream>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stair {

namespace {

constexpr std::size_t mostLevelTexts = 16;
constexpr double leastShare = 1e-4; // percent: the lower end of a logarithmic axis

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(share, 0, 'f', share < 9.95 ? 1 : 0);
}

} // namespace

HistogramPlot::HistogramPlot(QWidget* parent)
    : PlotView(tr("Histogram"), parent)
    , m_x(plot().xAxis)
    , m_y(plot().yAxis)
{
    fixMargins(*plot().axisRect(), 7, 0, 1.5, 2);
    m_legend = addLegend(*plot().axisRect(), Qt::AlignRight | Qt::AlignTop);
    plot().axisRect()->setRangeDrag(Qt::Horizontal);
    plot().axisRect()->setRangeZoom(Qt::Horizontal);
    m_y->setLabel(tr("Share of values (%)"));
    plot().setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    connect(m_x, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this] {
        if (m_ownChange)
            return;
        setLive(false);
        drawGrid();
    });
    connect(&plot(), &QCustomPlot::mouseMove, this,
            [this](const QMouseEvent* event) { showReadout(event->position()); });
    retheme();
}

void HistogramPlot::setXTitle(const QString& title)
{
    m_x->setLabel(title);
}

void HistogramPlot::setOctaves(bool octaves)
{
    if (octaves == m_octaves)
        return;
    m_octaves = octaves;
    m_x->setTicker(octaves ? octaveTicker() : QSharedPointer<QCPAxisTicker>::create());
    startOver();
}

void HistogramPlot::setLogarithmic(bool logarithmic)
{
    m_logarithmic = logarithmic;
    m_y->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    m_y->setTicker(logarithmic ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                               : QSharedPointer<QCPAxisTicker>::create());
    m_y->setNumberFormat(QStringLiteral("gb"));
    m_y->setNumberPrecision(logarithmic ? 0 : 4);
}

void HistogramPlot::setSeries(std::vector<HistogramSeries> series)
{
    m_series = std::move(series);
    m_bars.clear();
    for (const HistogramSeries& one : m_series) {
        const std::vector<double>& unit = m_series.front().edges;
        m_bars.push_back(
            barsOf(one, unit.front(), (unit.back() - unit.front()) / double(unit.size() - 1)));
    }
    while (m_graphs.size() > m_series.size()) {
        plot().removeGraph(m_graphs.back());
        m_graphs.pop_back();
    }
    while (m_graphs.size() < m_series.size()) {
        m_graphs.push_back(plot().addGraph());
        m_graphs.back()->setLineStyle(QCPGraph::lsStepLeft);
    }
    m_legend->clearItems();
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        m_graphs[i]->setName(m_series[i].name);
        m_legend->addItem(new QCPPlottableLegendItem(m_legend, m_graphs[i]));
    }
    m_legend->setVisible(m_series.size() > 1);
    applyTheme();
}

void HistogramPlot::setGrid(HistogramGrid grid)
{
    m_grid = std::move(grid);
}

void HistogramPlot::refresh()
{
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        const HistogramBars& bars = m_bars[i];
        QVector<double> keys, values;
        const auto put = [&](std::size_t bar, double share) {
            keys.push_back(bars.from + double(bar) * bars.width);
            values.push_back(m_logarithmic ? std::max(share, leastShare) : share);
        };
        for (std::size_t bar = 0; bar < bars.shares.size(); ++bar)
            put(bar, bars.shares[bar]);
        put(bars.shares.size(), 0);
        m_graphs[i]->setData(keys, values, true);
    }
    followRange();
    drawGrid();
    plot().replot(QCustomPlot::rpQueuedReplot);
}

void HistogramPlot::followRange()
{
    double reach = 0, most = 0, lowest = 0;
    for (const HistogramBars& bars : m_bars) {
        for (std::size_t bar = 0; bar < bars.shares.size(); ++bar) {
            if (bars.shares[bar] <= 0)
                continue;
            const double from = bars.from + double(bar) * bars.width;
            lowest = std::min(lowest, from);
            reach = std::max({reach, std::abs(from), std::abs(from + bars.width)});
            most = std::max(most, bars.shares[bar]);
        }
    }
    for (const double level : m_grid.levels)
        lowest = std::min(lowest, level);
    reach = std::max({reach, std::abs(m_grid.clipLow), m_grid.clipHigh});
    m_ownChange = true;
    if (isLive()) {
        const double end
            = m_octaves ? std::min(42.0, m_xReach.follow(reach + 2)) : m_xReach.follow(reach);
        m_x->setRange(lowest < 0 ? -end : -0.08 * end, end);
    }
    const double top = m_yReach.follow(most);
    m_y->setRange(m_logarithmic ? leastShare : 0, m_logarithmic ? 2 * top : 1.05 * top);
    m_ownChange = false;
}

void HistogramPlot::drawGrid()
{
    for (QCPAbstractItem* item : m_gridItems)
        plot().removeItem(item);
    m_gridItems.clear();
    const auto line = [&](double x, const QPen& pen) {
        auto* item = new QCPItemStraightLine(&plot());
        item->point1->setCoords(x, m_logarithmic ? 1 : 0);
        item->point2->setCoords(x, m_logarithmic ? 10 : 1);
        item->setPen(pen);
        m_gridItems.push_back(item);
    };
    const std::vector<double>& levels = m_grid.levels;
    const double sum
        = std::max(1.0, std::accumulate(m_grid.counts.begin(), m_grid.counts.end(), 0.0));
    // Where more level lines would stand than there is room for, the ticks of the axis must do.
    const double pixels = plot().axisRect()->width();
    const double apart = levels.size() > 1 ? pixels / m_x->range().size()
            * (levels.back() - levels.front()) / double(levels.size() - 1)
                                           : pixels;
    QPen pen(theme().axis, 1, Qt::DotLine);
    for (std::size_t i = 0; i < levels.size() && apart >= 6; ++i) {
        line(levels[i], pen);
        if (levels.size() > mostLevelTexts || i >= m_grid.counts.size())
            continue;
        auto* text = new QCPItemText(&plot());
        text->setClipToAxisRect(false);
        text->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
        text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        text->position->setCoords(levels[i], 0);
        text->setText(percent(100 * m_grid.counts[i] / sum));
        text->setFont(font());
        text->setColor(m_grid.counts[i] > 0
                           ? theme().text
                           : legible(QColor(0xC6, 0x28, 0x28), theme().background, 4.5));
        const QFontMetrics metrics(font());
        if (apart < metrics.horizontalAdvance(text->text()) + 6) // without the unit, if need be
            text->setText(text->text().section(u' ', 0, 0));
        text->setVisible(apart >= metrics.horizontalAdvance(QStringLiteral("00")) + 4
                         && m_x->range().contains(levels[i]));
        m_gridItems.push_back(text);
    }
    if (m_grid.clipHigh > m_grid.clipLow) {
        for (const double clip : {m_grid.clipLow, m_grid.clipHigh}) {
            if (std::isfinite(clip))
                line(clip, QPen(theme().text, 1.5, Qt::DashLine));
        }
    }
}

void HistogramPlot::startOver()
{
    setLive(true);
    m_xReach.reset();
    m_yReach.reset();
}

void HistogramPlot::showAll()
{
    startOver();
    refresh();
}

void HistogramPlot::fillMenu(QMenu& menu)
{
    QAction* logarithmic = menu.addAction(tr("Logarithmic axis"));
    logarithmic->setCheckable(true);
    logarithmic->setChecked(m_logarithmic);
    connect(logarithmic, &QAction::toggled, this, [this](bool on) {
        setLogarithmic(on);
        refresh();
        emit logarithmicChanged(on);
    });
}

void HistogramPlot::applyTheme()
{
    for (std::size_t i = 0; i < m_graphs.size(); ++i) {
        const QColor color = theme().curve(m_series[i].hue);
        QPen pen(color, i == 0 ? 1.2 : 2);
        if (const QVector<qreal> dash = PlotTheme::dash(m_series[i].dash); i > 0 && !dash.isEmpty())
            pen.setDashPattern(dash);
        QColor fill = color;
        fill.setAlphaF(0.35f);
        m_graphs[i]->setPen(pen);
        m_graphs[i]->setBrush(i == 0 ? QBrush(fill) : Qt::NoBrush);
    }
    styleLegend(*m_legend);
    drawGrid();
}

void HistogramPlot::showReadout(const QPointF& position)
{
    if (m_series.empty() || !plot().axisRect()->rect().contains(position.toPoint())) {
        readout().clear();
        return;
    }
    const double x = m_x->pixelToCoord(position.x());
    QStringList parts;
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        const auto& edges = m_series[i].edges;
        const auto next = std::ranges::upper_bound(edges, x);
        if (next == edges.begin() || next == edges.end())
            continue;
        const auto bin = std::size_t(next - edges.begin()) - 1;
        parts += tr("%1: %2 values, %3")
                     .arg(m_series[i].name)
                     .arg(m_series[i].counts[bin], 0, 'f', 0)
                     .arg(percent(100 * m_series[i].counts[bin] / total(m_series[i])));
    }
    readout().setText(parts.join(QStringLiteral("   ")));
    readout().setToolTip(parts.join(QLatin1Char('\n')));
}

QString HistogramPlot::dataText() const
{
    QString text;
    QTextStream out(&text);
    out.setRealNumberPrecision(9);
    out << (m_octaves ? "run,octave_from,octave_to,count,share_percent\n"
                      : "run,from,to,count,share_percent\n");
    for (const HistogramSeries& series : m_series) {
        const QString name = quotedField(series.name);
        for (std::size_t bin = 0; bin < series.counts.size(); ++bin) {
            const bool isSeen = isLive() // then all bins that have values are
                || (series.edges[bin + 1] > m_x->range().lower
                    && series.edges[bin] < m_x->range().upper);
            if (isSeen)
                out << name << ',' << series.edges[bin] << ',' << series.edges[bin + 1] << ','
                    << series.counts[bin] << ',' << 100 * series.counts[bin] / total(series)
                    << '\n';
        }
    }
    return text;
}

} // namespace stair
