#include "widgets/plot/staircase_plot.h"

#include "widgets/plot/picture_menu.h"
#include "widgets/plot/staircase_plot_p.h"

#include <QLabel>
#include <QTextStream>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace stair {

StaircasePlot::StaircasePlot(QWidget* parent)
    : PlotView(tr("Rounding"), parent)
{
    setMouseHelp(
        tr("<p>Forward Q(x) thick, the surrogate dashed, its slope and the error Q(x) − x below; "
           "the pale area is the layer's values. Drag the lines of step and clip to change "
           "them; the wheel zooms, dragging pans, and Live, Esc or a double click shows "
           "everything again.</p>"));
    setUpRects();
    setUpHandles();
    retheme();
}

StaircasePlot::~StaircasePlot() = default;

void StaircasePlot::setUpRects()
{
    QCustomPlot& plot = this->plot();
    plot.plotLayout()->clear();
    plot.plotLayout()->setRowSpacing(0);
    const auto add = [&](int row, double stretch, const QString& yTitle, double below) {
        auto* rect = new QCPAxisRect(&plot);
        plot.plotLayout()->addElement(row, 0, rect);
        plot.plotLayout()->setRowStretchFactor(row, stretch);
        fixMargins(*rect, 6, 0, row == 0 ? 1.4 : 0.8, below);
        rect->axis(QCPAxis::atLeft)->setLabel(yTitle);
        rect->axis(QCPAxis::atBottom)->setTickLabels(below > 0);
        rect->setRangeDrag(Qt::Horizontal);
        rect->setRangeZoom(Qt::Horizontal);
        return rect;
    };
    m_main = add(0, 5, tr("Forward Q(x)"), 0);
    m_slope = add(1, 1.6, tr("Slope"), 0);
    m_error = add(2, 1.9, tr("Q(x) − x"), 2);
    m_error->axis(QCPAxis::atBottom)->setLabel(tr("Value x"));
    for (QCPAxisRect* rect : {m_slope, m_error})
        rect->axis(QCPAxis::atLeft)->ticker()->setTickCount(3);
    QCPAxis* hidden = m_main->axis(QCPAxis::atRight);
    m_area = plot.addGraph(m_main->axis(QCPAxis::atBottom), hidden);
    m_area->setLineStyle(QCPGraph::lsStepCenter);
    m_surrogateSample = plot.addGraph(m_main->axis(QCPAxis::atBottom), hidden);
    m_surrogateSample->setName(tr("surrogate: the slope's integral"));
    m_legend = addLegend(*m_main, Qt::AlignLeft | Qt::AlignTop);
    plot.setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    for (QCPAxisRect* rect : {m_main, m_slope, m_error})
        connect(rect->axis(QCPAxis::atBottom), qOverload<const QCPRange&>(&QCPAxis::rangeChanged),
                this, [this](const QCPRange& range) {
                    if (m_ownChange)
                        return;
                    setLive(false);
                    m_ownChange = true;
                    for (QCPAxisRect* other : {m_main, m_slope, m_error})
                        other->axis(QCPAxis::atBottom)->setRange(range);
                    m_ownChange = false;
                    emit rangeChanged();
                });
}

void StaircasePlot::setUpHandles()
{
    const auto line = [&] {
        auto* item = new QCPItemStraightLine(&plot());
        item->setClipAxisRect(m_main);
        for (QCPItemPosition* position : {item->point1, item->point2}) {
            position->setAxisRect(m_main);
            position->setAxes(m_main->axis(QCPAxis::atBottom), m_main->axis(QCPAxis::atLeft));
        }
        return item;
    };
    const auto text = [&] {
        auto* item = new QCPItemText(&plot());
        item->setClipToAxisRect(false);
        item->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
        item->position->setAxisRect(m_main);
        item->position->setAxes(m_main->axis(QCPAxis::atBottom), m_main->axis(QCPAxis::atLeft));
        item->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        return item;
    };
    m_stepLine = line();
    m_clipLine = line();
    m_stepText = text();
    m_clipText = text();
    plot().installEventFilter(this);
}

void StaircasePlot::setCurves(std::vector<StaircaseCurve> curves)
{
    m_curves = std::move(curves);
    QCustomPlot& plot = this->plot();
    while (m_graphs.size() > m_curves.size()) {
        for (QCPGraph* graph : m_graphs.back()->all())
            plot.removeGraph(graph);
        m_graphs.pop_back();
    }
    const auto add = [&](QCPAxisRect* rect) {
        return plot.addGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    };
    while (m_graphs.size() < m_curves.size())
        m_graphs.push_back(
            std::make_unique<Graphs>(Graphs{add(m_main), add(m_main), add(m_slope), add(m_error)}));
    m_legend->clearItems();
    for (std::size_t i = 0; i < m_curves.size(); ++i) {
        m_graphs[i]->forward->setName(m_curves[i].name);
        m_legend->addItem(new QCPPlottableLegendItem(m_legend, m_graphs[i]->forward));
    }
    if (!m_curves.empty())
        m_legend->addItem(new QCPPlottableLegendItem(m_legend, m_surrogateSample));
    m_legend->setVisible(!m_curves.empty());
    applyTheme();
}

void StaircasePlot::setLevels(const std::vector<double>& values)
{
    m_levels = values;
    const auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    // Up to 17 levels all are named, of more the ends and evenly between.
    const std::size_t every = std::max<std::size_t>(1, (values.size() + 15) / 16);
    double last = -1e300;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool named = (i % every == 0 && i + every <= values.size()) || i + 1 == values.size();
        if (values[i] > last)
            ticker->addTick(values[i], named ? QString::number(values[i], 'g', 3) : QString());
        last = values[i];
    }
    m_main->axis(QCPAxis::atLeft)->setTicker(ticker);
}

void StaircasePlot::setValues(ValueArea values)
{
    m_values = std::move(values);
}

void StaircasePlot::setHandles(double step, double clip)
{
    m_step = step;
    m_clip = clip;
    const auto place = [](QCPItemStraightLine* line, double x) {
        line->point1->setCoords(x, 0);
        line->point2->setCoords(x, 1);
    };
    place(m_stepLine, step);
    place(m_clipLine, clip);
    m_stepText->position->setCoords(step, 0);
    m_clipText->position->setCoords(clip, 0);
    m_stepText->setText(tr("step %1").arg(step, 0, 'g', 3));
    m_clipText->setText(tr("clip %1").arg(clip, 0, 'g', 3));
    const bool apart = clip > step * 1.0001;
    m_clipLine->setVisible(apart);
    m_clipText->setVisible(apart);
}

double StaircasePlot::from() const
{
    return m_main->axis(QCPAxis::atBottom)->range().lower;
}

double StaircasePlot::to() const
{
    return m_main->axis(QCPAxis::atBottom)->range().upper;
}

/// Axes grow in steps and never shrink while they follow; not while a handle is held.
void StaircasePlot::follow()
{
    if (m_levels.empty())
        return; // nothing to follow: a formula that is being typed
    double most = 0, lowest = 0, highest = 0;
    for (const double level : m_levels) {
        most = std::max(most, std::abs(level));
        lowest = std::min(lowest, level);
        highest = std::max(highest, level);
    }
    double slope = 1;
    for (const StaircaseCurve& curve : m_curves) {
        for (const double value : curve.slope)
            slope = std::max(slope, std::isfinite(value) ? value : 0);
    }
    m_ownChange = true;
    if (isLive() && m_dragged == Handle::None) {
        const double end = m_xReach.follow(std::max(1.4 * most, 1.5 * m_step));
        const double start = lowest < 0 ? -end : -0.35 * end;
        for (QCPAxisRect* rect : {m_main, m_slope, m_error})
            rect->axis(QCPAxis::atBottom)->setRange(start, end);
    }
    const double yEnd = m_yReach.follow(1.15 * most);
    m_main->axis(QCPAxis::atLeft)->setRange(lowest < 0 ? -yEnd : -0.15 * yEnd, yEnd);
    m_slope->axis(QCPAxis::atLeft)->setRange(0, 1.05 * m_slopeReach.follow(slope));
    const double error = m_errorReach.follow(1.2 * m_step);
    m_error->axis(QCPAxis::atLeft)->setRange(-error, error);
    m_ownChange = false;
}

void StaircasePlot::redraw()
{
    follow();
    fillGraphs();
    plot().replot(QCustomPlot::rpImmediateRefresh);
}

void StaircasePlot::fillGraphs()
{
    for (std::size_t i = 0; i < m_curves.size(); ++i) {
        const StaircaseCurve& curve = m_curves[i];
        setReduced(*m_graphs[i]->forward, curve.x, curve.forward);
        setReduced(*m_graphs[i]->surrogate, curve.x, curve.surrogate);
        setReduced(*m_graphs[i]->slope, curve.x, curve.slope);
        setReduced(*m_graphs[i]->error, curve.x, curve.error);
    }
    QVector<double> keys, values;
    double most = 0, second = 0;
    for (std::size_t i = 0; i < m_values.counts.size(); ++i) {
        keys.push_back(m_values.from + (double(i) + 0.5) * m_values.width);
        values.push_back(m_values.counts[i]);
        if (m_values.counts[i] > most)
            second = std::exchange(most, m_values.counts[i]);
        else
            second = std::max(second, m_values.counts[i]);
    }
    m_area->setData(keys, values, true);
    // One bin that towers above all (exact zeros, what is cut off) does not flatten the others.
    m_area->valueAxis()->setRange(0, 1.6 * std::max(1e-300, std::min(most, 1.5 * second)));
}

void StaircasePlot::showAll()
{
    fit();
    emit rangeChanged();
}

void StaircasePlot::fit()
{
    setLive(true);
    for (AxisReach* reach : {&m_xReach, &m_yReach, &m_slopeReach, &m_errorReach})
        reach->reset();
}

void StaircasePlot::applyTheme()
{
    const PlotTheme& theme = this->theme();
    for (std::size_t i = 0; i < m_curves.size() && i < m_graphs.size(); ++i) {
        const QColor color = theme.curve(m_curves[i].hue);
        QPen thick(color, 3);
        QPen thin(color, 1.3);
        if (const QVector<qreal> dash = PlotTheme::dash(m_curves[i].dash); !dash.isEmpty()) {
            thick.setDashPattern(dash);
            thin.setDashPattern(dash);
        }
        thick.setCapStyle(Qt::FlatCap);
        QPen surrogate(color, 1.6);
        surrogate.setDashPattern({2.5, 3});
        m_graphs[i]->forward->setPen(thick);
        m_graphs[i]->surrogate->setPen(surrogate);
        m_graphs[i]->slope->setPen(thin);
        m_graphs[i]->error->setPen(thin);
    }
    QPen dotted(theme.text, 1.6);
    dotted.setDashPattern({2.5, 3});
    m_surrogateSample->setPen(dotted);
    styleLegend(*m_legend);
    QColor pale = theme.text;
    pale.setAlphaF(0.13f);
    m_area->setPen(Qt::NoPen);
    m_area->setBrush(pale);
    const QPen handle(theme.axis, 1, Qt::DashLine);
    for (QCPItemStraightLine* line : {m_stepLine, m_clipLine})
        line->setPen(handle);
    for (QCPItemText* text : {m_stepText, m_clipText}) {
        text->setColor(theme.text);
        text->setFont(font());
    }
}

QString StaircasePlot::dataText() const
{
    QString text;
    QTextStream out(&text);
    out.setRealNumberPrecision(9);
    out << "method,x,forward,surrogate,slope,error\n";
    const double slack = 1e-9 * (to() - from()); // the ends are sampled, but for rounding
    for (const StaircaseCurve& curve : m_curves) {
        const QString name = quotedField(curve.name);
        for (std::size_t i = 0; i < curve.x.size(); ++i) {
            if (curve.x[i] >= from() - slack && curve.x[i] <= to() + slack)
                out << name << ',' << curve.x[i] << ',' << curve.forward[i] << ','
                    << curve.surrogate[i] << ',' << curve.slope[i] << ',' << curve.error[i] << '\n';
        }
    }
    return text;
}

} // namespace stair
