#include "widgets/plot/line_plot.h"

#include "widgets/plot/line_plot_p.h"

#include <qcustomplot.h>

#include <algorithm>

// How a line plot looks on the screen and on paper.
namespace stair {

namespace {

constexpr float bandAlpha = 0.22f;
constexpr double memberWidth = 1;

QCPScatterStyle scatter(CurveStyle::Mark mark, const QColor& color, const QColor& ground)
{
    using Mark = CurveStyle::Mark;
    constexpr double size = 7;
    const QPen outline(color, 1.4);
    switch (mark) {
    case Mark::Disc:
        return {QCPScatterStyle::ssCircle, outline, QBrush(color), size};
    case Mark::Square:
        return {QCPScatterStyle::ssSquare, outline, QBrush(ground), size};
    case Mark::Triangle:
        return {QCPScatterStyle::ssTriangle, outline, QBrush(ground), size + 1};
    case Mark::Diamond:
        return {QCPScatterStyle::ssDiamond, outline, QBrush(ground), size + 1};
    default:
        return {};
    }
}

} // namespace

void LinePlot::applyStyle(Curve& curve) const
{
    using Mark = CurveStyle::Mark;
    const QColor color = theme().curve(curve.style.hue);
    const Mark mark = curve.style.mark;
    QPen pen(color, mark == Mark::Line ? 2.0 : 1.2);
    if (mark == Mark::Faint) {
        QColor pale = color;
        pale.setAlphaF(0.3f);
        pen = QPen(pale, 1);
    } else if (mark == Mark::Thin) {
        pen = QPen(color, memberWidth);
    } else if (const QVector<qreal> dash = PlotTheme::dash(curve.style.dash); !dash.isEmpty()) {
        pen.setDashPattern(dash);
    }
    if (curve.isInk)
        pen = QPen(pen.color(), 1);
    curve.graph->setAntialiased(!curve.isInk);
    curve.graph->setPen(pen);
    curve.graph->setScatterStyle(scatter(mark, color, theme().background));
}

void LinePlot::applyTheme()
{
    m_hover->setPen(QPen(theme().axis, 1, Qt::DotLine));
    for (QCPItemStraightLine* line : m_cursorLines)
        line->setPen(QPen(theme().text, 1.2, Qt::DashLine));
    for (QCPItemText* text : m_cursorTexts) {
        QFont bold = font();
        bold.setBold(true);
        text->setFont(bold);
        text->setColor(theme().text);
        text->setBrush(theme().background);
    }
    for (const auto& curve : m_curves)
        applyStyle(*curve);
    for (const auto& band : m_bands) {
        QColor pale = theme().curve(band->hue);
        band->lowGraph->setPen(QPen(pale, 0.8));
        band->highGraph->setPen(QPen(pale, 0.8));
        pale.setAlphaF(bandAlpha);
        band->highGraph->setBrush(pale);
    }
    m_dirty = true;
}

/// A legend in a row below, in as many columns as there is room for. A band is named with its mean.
int LinePlot::dressForPaper()
{
    hideHover();
    m_legend = new QCPLegend;
    plot().plotLayout()->addElement(1, 0, m_legend);
    plot().plotLayout()->setRowStretchFactor(1, 0.001);
    m_legend->setLayer(QStringLiteral("legend"));
    m_legend->setMargins(QMargins(12, 0, 12, 8));
    m_legend->setRowSpacing(2);
    m_legend->setIconSize(28, fontMetrics().height() + 3);
    int widest = 1;
    const auto add = [&](const QString& name, QCPGraph* graph) {
        m_legend->addItem(new QCPPlottableLegendItem(m_legend, graph));
        widest = std::max(widest, fontMetrics().horizontalAdvance(name) + 28 + 24);
    };
    for (const auto& curve : m_curves) {
        const bool isNamed = curve->style.mark != CurveStyle::Mark::Faint
            && curve->style.mark != CurveStyle::Mark::Thin;
        if (isNamed && !curve->series.points().empty())
            add(curve->name, curve->graph);
    }
    if (m_legend->itemCount() == 0)
        return 0;
    const int columns = std::max(1, plot().width() / widest);
    m_legend->setFillOrder(QCPLegend::foColumnsFirst, false);
    m_legend->setWrap(columns);
    m_legend->setFillOrder(QCPLegend::foColumnsFirst, true);
    styleLegend(*m_legend);
    return m_legend->minimumOuterSizeHint().height();
}

void LinePlot::undress()
{
    plot().plotLayout()->remove(m_legend);
    plot().plotLayout()->simplify();
    m_legend = nullptr;
}

} // namespace stair
