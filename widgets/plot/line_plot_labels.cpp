#include "widgets/plot/line_plot.h"

#include "widgets/plot/line_plot_p.h"

#include <qcustomplot.h>

#include <algorithm>

// The curves' names at their ends.
namespace stair {

namespace {

constexpr double gap = 6; // pixels between a curve's end and its label
constexpr double widest = 0.3; // of the frame

/// The last point that is seen.
const MinMaxSeries::Point* lastIn(const QCPRange& range, const MinMaxSeries& series)
{
    const auto& points = series.points();
    const auto next = std::ranges::upper_bound(points, range.upper, {}, &MinMaxSeries::Point::x);
    if (next == points.begin() || std::prev(next)->x < range.lower)
        return nullptr;
    return &*std::prev(next);
}

/// Moves labels, which come from the top down, off each other and into the frame.
void spread(std::vector<LinePlot::EndLabel>& labels, const QRectF& frame)
{
    double least = frame.top();
    for (LinePlot::EndLabel& label : labels) {
        label.place.moveTop(std::max(label.place.top(), least));
        least = label.place.bottom();
    }
    double most = frame.bottom();
    for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
        label->place.moveBottom(std::min(label->place.bottom(), most));
        most = label->place.top();
    }
}

} // namespace

void LinePlot::nameEnds()
{
    while (int(m_labelTexts.size()) < mostEndLabels) {
        auto* text = new QCPItemText(&plot());
        text->setLayer(QStringLiteral("legend")); // over the curves
        text->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
        text->position->setType(QCPItemPosition::ptAbsolute);
        text->setVisible(false);
        m_labelTexts.push_back(text);
    }
    m_dirty = true;
}

/// Once the frame has its place and before anything is drawn.
void LinePlot::placeLabels()
{
    m_endLabels.clear();
    std::vector<const Curve*> named;
    for (const auto& curve : m_curves) {
        const CurveStyle::Mark mark = curve->style.mark;
        if (mark != CurveStyle::Mark::Faint && mark != CurveStyle::Mark::Thin
            && !curve->series.points().empty())
            named.push_back(curve.get());
    }
    for (QCPItemText* text : m_labelTexts)
        text->setVisible(false);
    if (named.size() > m_labelTexts.size() || m_legend) // pictures have a legend
        return;
    const QRectF frame = plot().axisRect()->rect();
    const QFontMetrics metrics(font());
    struct Placed
    {
        EndLabel label;
        QColor color;
    };
    std::vector<Placed> placed;
    for (const Curve* curve : named) {
        const MinMaxSeries::Point* end = lastIn(plot().xAxis->range(), curve->series);
        if (!end || !plot().yAxis->range().contains(end->y))
            continue;
        const QString text = metrics.elidedText(curve->label.isEmpty() ? curve->name : curve->label,
                                                Qt::ElideMiddle, int(widest * frame.width()));
        const QPointF at(plot().xAxis->coordToPixel(end->x), plot().yAxis->coordToPixel(end->y));
        QRectF place(0, 0, metrics.horizontalAdvance(text) + 4, metrics.height());
        const bool fits = at.x() + gap + place.width() <= frame.right();
        place.moveLeft(fits ? at.x() + gap : frame.right() - place.width());
        place.moveTop(fits ? at.y() - place.height() / 2 : at.y() - place.height() - gap);
        placed.push_back({{text, place}, theme().curve(curve->style.hue)});
    }
    if (double(placed.size()) * metrics.height() > frame.height())
        return;
    std::ranges::stable_sort(placed, {}, [](const Placed& p) { return p.label.place.top(); });
    for (const Placed& p : placed)
        m_endLabels.push_back(p.label);
    spread(m_endLabels, frame);
    for (std::size_t i = 0; i < m_endLabels.size(); ++i) {
        QCPItemText& text = *m_labelTexts[i];
        text.setText(m_endLabels[i].text);
        text.setFont(font());
        text.setPadding(QMargins(2, 0, 2, 0));
        text.setColor(legible(placed[i].color, theme().background, 4.5));
        text.setBrush(Qt::NoBrush); // what is under it is data
        text.position->setCoords(m_endLabels[i].place.topLeft());
        text.setVisible(true);
    }
}

} // namespace stair
