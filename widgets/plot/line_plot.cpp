#include "widgets/plot/line_plot.h"

#include "widgets/plot/line_plot_p.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace stair {

LinePlot::LinePlot(const QString& title, const QString& yTitle, double yEnd, QWidget* parent)
    : QWidget(parent)
    , m_yEnd(yEnd)
{
    setFocusPolicy(Qt::ClickFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    setUpHeader(title);
    setUpPlot(yTitle);
    setUpMouse();
    applyTheme();
    followData();
}

LinePlot::~LinePlot() = default;

void LinePlot::setUpHeader(const QString& title)
{
    setAccessibleName(title);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(6, 2, 6, 2);
    auto* name = new QLabel(title);
    QFont bold = name->font();
    bold.setBold(true);
    name->setFont(bold);
    row->addWidget(name);
    m_readout = new QLabel;
    m_readout->setObjectName(QStringLiteral("readout"));
    m_readout->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_readout->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    row->addWidget(m_readout, 1);
    m_liveButton = new QToolButton;
    m_liveButton->setObjectName(QStringLiteral("liveButton"));
    m_liveButton->setText(tr("Live"));
    m_liveButton->setToolTip(tr("Show everything again and follow the run (double click, Esc)"));
    QSizePolicy kept = m_liveButton->sizePolicy(); // hiding it must not move the header
    kept.setRetainSizeWhenHidden(true);
    m_liveButton->setSizePolicy(kept);
    m_liveButton->hide();
    connect(m_liveButton, &QToolButton::clicked, this, &LinePlot::returnToLive);
    row->addWidget(m_liveButton);
    static_cast<QVBoxLayout*>(layout())->addLayout(row);
}

void LinePlot::setUpPlot(const QString& yTitle)
{
    m_plot = new QCustomPlot;
    m_plot->setObjectName(QStringLiteral("plot"));
    m_plot->setFocusPolicy(Qt::NoFocus); // the keyboard is ours
    m_plot->xAxis->setLabel(tr("Step"));
    m_plot->yAxis->setLabel(yTitle);
    m_plot->xAxis->ticker()->setTickCount(6);
    m_plot->xAxis->setNumberFormat(QStringLiteral("f"));
    m_plot->xAxis->setNumberPrecision(0);
    m_plot->xAxis->ticker()->setTickStepStrategy(QCPAxisTicker::tssReadability);
    // Fixed margins: plots above each other line up, and no tick label moves the frame.
    const QFontMetrics metrics(font());
    QCPAxisRect* rect = m_plot->axisRect();
    rect->setAutoMargins(QCP::msNone);
    rect->setMargins(
        QMargins(metrics.horizontalAdvance(QStringLiteral("0.000")) + metrics.height() + 18,
                 metrics.height() / 2 + 4, 18, 2 * metrics.height() + 18));
    m_cursor = new QCPItemStraightLine(m_plot);
    m_cursor->setVisible(false);
    connect(m_plot, &QCustomPlot::beforeReplot, this, &LinePlot::fillGraphs);
    static_cast<QVBoxLayout*>(layout())->addWidget(m_plot, 1);
}

void LinePlot::setXAxis(const QString& title, const QString& word)
{
    m_plot->xAxis->setLabel(title);
    m_plot->xAxis->setNumberFormat(QStringLiteral("g")); // not only whole numbers
    m_plot->xAxis->setNumberPrecision(6);
    m_xWord = word;
    m_dirty = true;
}

int LinePlot::addCurve(const QString& name, const CurveStyle& style)
{
    auto curve = std::make_unique<Curve>();
    curve->name = name;
    curve->style = style;
    curve->graph = m_plot->addGraph();
    applyStyle(*curve);
    m_curves.push_back(std::move(curve));
    m_dirty = true;
    return int(m_curves.size()) - 1;
}

void LinePlot::removeCurves()
{
    m_plot->clearGraphs();
    m_curves.clear();
    m_xReach.reset();
    m_yReach.reset();
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
    if (m_live)
        followData();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::followData()
{
    double xMost = 0;
    double yMost = 0;
    for (const auto& curve : m_curves) {
        if (curve->series.points().empty())
            continue;
        xMost = std::max(xMost, curve->series.points().back().x);
        yMost = std::max(yMost, curve->series.greatest());
    }
    m_ownChange = true;
    // A little more than there is: the newest mark is not cut by the frame.
    m_plot->xAxis->setRange(0, m_xReach.follow(std::max(1.1 * xMost, 10.0), 1.02 * m_xLimit));
    m_plot->yAxis->setRange(0, m_yEnd > 0 ? m_yEnd : m_yReach.follow(yMost));
    m_ownChange = false;
}

void LinePlot::fillGraphs()
{
    const QCPRange range = m_plot->xAxis->range();
    const int columns = std::max(1, m_plot->axisRect()->width());
    QVector<double> keys;
    QVector<double> values;
    for (const auto& curve : m_curves) {
        const auto points = curve->series.visible(range.lower, range.upper, columns);
        keys.resize(qsizetype(points.size()));
        values.resize(qsizetype(points.size()));
        for (std::size_t i = 0; i < points.size(); ++i) {
            keys[qsizetype(i)] = points[i].x;
            values[qsizetype(i)] = points[i].y;
        }
        curve->graph->setData(keys, values, true);
    }
}

void LinePlot::goLive()
{
    m_live = true;
    m_liveButton->hide();
    m_xReach.reset();
    m_yReach.reset();
    m_dirty = true;
    refresh();
}

void LinePlot::returnToLive()
{
    goLive();
    emit wentLive();
}

void LinePlot::leaveLive()
{
    m_live = false;
    m_liveButton->show();
}

void LinePlot::setXRange(double from, double to)
{
    leaveLive();
    m_ownChange = true;
    m_plot->xAxis->setRange(from, to);
    m_ownChange = false;
    m_dirty = true;
    refresh();
}

void LinePlot::applyStyle(Curve& curve) const
{
    using Mark = CurveStyle::Mark;
    const Mark mark = curve.style.mark;
    QColor color = m_theme.curve(curve.style.hue);
    if (mark == Mark::Faint)
        color.setAlphaF(0.3f);
    QPen pen(color, mark == Mark::Line ? 2.0 : mark == Mark::Faint ? 1.0 : 1.2);
    if (const QVector<qreal> dash = PlotTheme::dash(curve.style.dash);
        !dash.isEmpty() && mark != Mark::Faint)
        pen.setDashPattern(dash);
    curve.graph->setPen(pen);
    static constexpr double size = 7;
    const QPen outline(color, 1.4);
    if (mark == Mark::Disc)
        curve.graph->setScatterStyle({QCPScatterStyle::ssCircle, outline, QBrush(color), size});
    else if (mark == Mark::Square)
        curve.graph->setScatterStyle(
            {QCPScatterStyle::ssSquare, outline, QBrush(m_theme.background), size});
    else if (mark == Mark::Triangle)
        curve.graph->setScatterStyle(
            {QCPScatterStyle::ssTriangle, outline, QBrush(m_theme.background), size + 1});
}

void LinePlot::applyTheme()
{
    m_theme = PlotTheme::of(palette());
    m_plot->setBackground(m_theme.background);
    for (QCPAxis* axis : m_plot->axisRect()->axes()) {
        axis->setBasePen(QPen(m_theme.axis));
        axis->setTickPen(QPen(m_theme.axis));
        axis->setSubTickPen(QPen(m_theme.axis));
        axis->setTickLabelColor(m_theme.text);
        axis->setLabelColor(m_theme.text);
        axis->setTickLabelFont(font());
        axis->setLabelFont(font());
        axis->grid()->setPen(QPen(m_theme.grid));
        axis->grid()->setZeroLinePen(QPen(m_theme.grid));
    }
    m_cursor->setPen(QPen(m_theme.axis, 1, Qt::DotLine));
    for (const auto& curve : m_curves)
        applyStyle(*curve);
    m_dirty = true;
}

void LinePlot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        applyTheme();
        refresh();
    }
}

void LinePlot::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && !m_live)
        returnToLive();
    else
        QWidget::keyPressEvent(event);
}

} // namespace stair
