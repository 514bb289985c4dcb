#include "widgets/plot/heat_map.h"

#include "widgets/plot/octave_ticker.h"

#include <QLabel>
#include <QMouseEvent>
#include <QTextStream>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr double leastShare = 0.01; // percent: the colours' lower end
constexpr double mostShare = 100;

} // namespace

QColor scaleColor(const PlotTheme& theme, double t)
{
    // Viridis (van der Walt and Smith, matplotlib), every eighth of it.
    static constexpr QRgb colors[] = {0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C,
                                      0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725};
    constexpr int last = int(std::size(colors)) - 1;
    const bool isLight = theme.background.lightness() > 128;
    const double at = std::clamp(isLight ? 1 - t : t, 0.0, 1.0) * last;
    const int below = std::min(int(at), last - 1);
    const QColor a(colors[below]), b(colors[below + 1]);
    const auto mix = [&](int x, int y) {
        return int(std::lround(x + (y - x) * (at - below)));
    };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

HeatMap::HeatMap(QWidget* parent)
    : PlotView(tr("Over time"), parent)
    , m_map(new QCPColorMap(plot().xAxis, plot().yAxis))
    , m_scale(new QCPColorScale(&plot()))
    , m_clipLow(plot().addGraph())
    , m_clipHigh(plot().addGraph())
{
    m_map->setInterpolate(false);
    m_map->setTightBoundary(false);
    m_map->setDataScaleType(QCPAxis::stLogarithmic);
    m_map->setDataRange({leastShare, mostShare});
    m_scale->setType(QCPAxis::atRight);
    m_scale->setDataScaleType(QCPAxis::stLogarithmic);
    m_scale->setBarWidth(12);
    m_scale->setDataRange({leastShare, mostShare});
    m_scale->axis()->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
    m_scale->axis()->setNumberFormat(QStringLiteral("gb"));
    m_scale->axis()->setLabel(tr("Share of the step's values (%)"));
    m_scale->setRangeDrag(false);
    m_scale->setRangeZoom(false);
    plot().plotLayout()->addElement(0, 1, m_scale);
    m_map->setColorScale(m_scale);
    QCPAxisRect* rect = plot().axisRect();
    fixMargins(*rect, 7, 0, 0.5, 2);
    m_scale->setAutoMargins(QCP::msRight);
    m_scale->setMinimumMargins({});
    m_scale->setMargins({0, rect->margins().top(), 0, rect->margins().bottom()});
    for (QCPGraph* graph : {m_clipLow, m_clipHigh})
        graph->setLineStyle(QCPGraph::lsLine);
    plot().xAxis->setLabel(tr("Step"));
    plot().xAxis->setNumberFormat(QStringLiteral("f"));
    plot().xAxis->setNumberPrecision(0);
    plot().setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    for (QCPAxis* axis : {plot().xAxis, plot().yAxis})
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this] {
            if (m_ownChange)
                return;
            setLive(false);
            emit xRangeChanged(plot().xAxis->range().lower, plot().xAxis->range().upper);
        });
    connect(&plot(), &QCustomPlot::mouseMove, this,
            [this](const QMouseEvent* event) { showReadout(event->position()); });
    retheme();
}

void HeatMap::setYTitle(const QString& title)
{
    plot().yAxis->setLabel(title);
}

void HeatMap::setOctaves(bool octaves)
{
    if (octaves == m_octaves)
        return;
    m_octaves = octaves;
    plot().yAxis->setTicker(octaves ? octaveTicker() : QSharedPointer<QCPAxisTicker>::create());
    setLive(true);
}

void HeatMap::setCells(HeatMapCells cells)
{
    m_cells = std::move(cells);
}

void HeatMap::refresh()
{
    const int columns = int(m_cells.steps.size());
    const int rows = std::max(0, int(m_cells.edges.size()) - 1);
    QCPColorMapData* data = m_map->data();
    data->setSize(std::max(columns, 1), std::max(rows, 1));
    const double nothing = std::nan(""); // a zero has no logarithm: the ground itself
    data->fill(nothing);
    if (columns > 0 && rows > 0) {
        // A cell's centre is what the map is told of the ranges.
        const double last = columns > 1 ? m_cells.steps.back() : m_cells.steps.front() + 1;
        data->setKeyRange({m_cells.steps.front(), last});
        const double half = (m_cells.edges.back() - m_cells.edges.front()) / rows / 2;
        data->setValueRange({m_cells.edges.front() + half, m_cells.edges.back() - half});
        for (int column = 0; column < columns; ++column) {
            for (int row = 0; row < rows; ++row) {
                const double share = m_cells.shares[std::size_t(column)][std::size_t(row)];
                data->setCell(column, row, share > 0 ? share : nothing);
            }
        }
    }
    const auto follow = [&](QCPGraph* graph, const std::vector<double>& values) {
        QVector<double> keys, drawn;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!std::isfinite(values[i]))
                continue;
            keys.push_back(m_cells.steps[i]);
            drawn.push_back(values[i]);
        }
        graph->setData(keys, drawn, true);
    };
    follow(m_clipLow, m_cells.clipLow);
    follow(m_clipHigh, m_cells.clipHigh);
    followRange();
    plot().replot(QCustomPlot::rpQueuedReplot);
}

void HeatMap::followRange()
{
    if (!isLive() || m_cells.steps.empty() || m_cells.edges.size() < 2)
        return;
    const auto columns = double(m_cells.steps.size());
    const double first = m_cells.steps.front();
    const double last = columns > 1 ? m_cells.steps.back() : first + 1;
    const double half = (last - first) / std::max(1.0, columns - 1) / 2;
    m_ownChange = true;
    plot().xAxis->setRange(first - half, last + half);
    plot().yAxis->setRange(m_cells.edges.front(), m_cells.edges.back());
    if (m_octaves) { // as far as there are values, and a little further
        double reach = 0;
        for (const auto& shares : m_cells.shares) {
            for (std::size_t bin = 0; bin < shares.size(); ++bin)
                reach = std::max(reach, shares[bin] > 0 ? std::abs(m_cells.edges[bin]) : 0);
        }
        const double end = std::min(m_cells.edges.back(), m_reach.follow(reach + 2));
        plot().yAxis->setRange(-end, end);
    }
    m_ownChange = false;
}

void HeatMap::startOver()
{
    setLive(true);
    m_reach.reset();
}

void HeatMap::setXRange(double from, double to)
{
    setLive(false);
    m_ownChange = true;
    plot().xAxis->setRange(from, to);
    m_ownChange = false;
    plot().replot(QCustomPlot::rpQueuedReplot);
}

void HeatMap::goLive()
{
    startOver();
    refresh();
}

void HeatMap::showAll()
{
    goLive();
    emit wentLive();
}

void HeatMap::applyTheme()
{
    QCPColorGradient gradient;
    gradient.clearColorStops();
    gradient.setLevelCount(200);
    for (int i = 0; i <= 16; ++i)
        gradient.setColorStopAt(i / 16.0, scaleColor(theme(), i / 16.0));
    gradient.setNanHandling(QCPColorGradient::nhTransparent);
    m_map->setGradient(gradient);
    m_scale->axis()->setTickLabelColor(theme().text);
    m_scale->axis()->setLabelColor(theme().text);
    m_scale->axis()->setBasePen(QPen(theme().axis));
    m_scale->axis()->setTickPen(QPen(theme().axis));
    m_scale->axis()->setSubTickPen(QPen(theme().axis));
    m_scale->axis()->setTickLabelFont(font());
    m_scale->axis()->setLabelFont(font());
    for (QCPGraph* graph : {m_clipLow, m_clipHigh})
        graph->setPen(QPen(theme().text, 1.5, Qt::DashLine));
}

QString HeatMap::valueText(std::size_t bin) const
{
    const auto end = [&](double edge) {
        return m_octaves ? octaveText(edge) : QString::number(edge, 'g', 3);
    };
    return QStringLiteral("%1 … %2").arg(end(m_cells.edges[bin]), end(m_cells.edges[bin + 1]));
}

void HeatMap::showReadout(const QPointF& position)
{
    readout().clear();
    if (m_cells.steps.empty() || !plot().axisRect()->rect().contains(position.toPoint()))
        return;
    int column = 0, row = 0;
    m_map->data()->coordToCell(plot().xAxis->pixelToCoord(position.x()),
                               plot().yAxis->pixelToCoord(position.y()), &column, &row);
    if (column < 0 || column >= int(m_cells.steps.size()) || row < 0
        || row + 1 >= int(m_cells.edges.size()))
        return;
    readout().setText(tr("step %1   %2   %3 % of the values")
                          .arg(m_cells.steps[std::size_t(column)], 0, 'f', 0)
                          .arg(valueText(std::size_t(row)))
                          .arg(m_cells.shares[std::size_t(column)][std::size_t(row)], 0, 'f', 2));
}

QString HeatMap::dataText() const
{
    QString text;
    QTextStream out(&text);
    out.setRealNumberPrecision(9);
    out << (m_octaves ? "step,octave_from,octave_to,share_percent\n"
                      : "step,from,to,share_percent\n");
    const QCPRange steps = plot().xAxis->range(), values = plot().yAxis->range();
    for (std::size_t i = 0; i < m_cells.steps.size(); ++i) {
        for (std::size_t bin = 0; bin + 1 < m_cells.edges.size(); ++bin) {
            const bool isSeen = isLive() // then all that have values are
                || (steps.contains(m_cells.steps[i]) && m_cells.edges[bin + 1] > values.lower
                    && m_cells.edges[bin] < values.upper);
            if (!isSeen)
                continue;
            out << m_cells.steps[i] << ',' << m_cells.edges[bin] << ',' << m_cells.edges[bin + 1]
                << ',' << m_cells.shares[i][bin] << '\n';
        }
    }
    return text;
}

} // namespace stair
