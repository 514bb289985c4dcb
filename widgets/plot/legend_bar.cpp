#include "widgets/plot/legend_bar.h"

#include "widgets/plot/plot_theme.h"

#include <QPainter>

#include <algorithm>

namespace stair {

namespace {

constexpr int sampleWidth = 26;
constexpr int gap = 6;
constexpr int spacing = 14;

void paintMark(QPainter& painter, CurveStyle::Mark mark, QPointF centre, const QColor& color,
               const QColor& background)
{
    using Mark = CurveStyle::Mark;
    painter.setPen(QPen(color, 1.4));
    painter.setBrush(mark == Mark::Disc ? color : background);
    constexpr double r = 3.5;
    if (mark == Mark::Disc)
        painter.drawEllipse(centre, r, r);
    else if (mark == Mark::Square)
        painter.drawRect(QRectF(centre.x() - r, centre.y() - r, 2 * r, 2 * r));
    else if (mark == Mark::Triangle)
        painter.drawPolygon(QPolygonF({{centre.x() - r - 0.5, centre.y() + r},
                                       {centre.x() + r + 0.5, centre.y() + r},
                                       {centre.x(), centre.y() - r - 0.5}}));
    else if (mark == Mark::Diamond)
        painter.drawPolygon(QPolygonF({{centre.x() - r - 1, centre.y()},
                                       {centre.x(), centre.y() + r + 1},
                                       {centre.x() + r + 1, centre.y()},
                                       {centre.x(), centre.y() - r - 1}}));
}

void paintSample(QPainter& painter, const QRectF& place, const CurveStyle& style,
                 const PlotTheme& theme)
{
    using Mark = CurveStyle::Mark;
    if (style.mark == Mark::None)
        return;
    const QColor color = theme.curve(style.hue);
    QPen pen(color, style.mark == Mark::Line ? 2.0 : 1.2);
    if (const QVector<qreal> dash = PlotTheme::dash(style.dash); !dash.isEmpty())
        pen.setDashPattern(dash);
    painter.setPen(pen);
    painter.drawLine(QPointF(place.left(), place.center().y()),
                     QPointF(place.right(), place.center().y()));
    paintMark(painter, style.mark, place.center(), color, theme.background);
}

} // namespace

LegendBar::LegendBar(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void LegendBar::setEntries(std::vector<Entry> entries)
{
    m_entries = std::move(entries);
    QStringList words;
    for (const Entry& entry : m_entries)
        words += entry.text;
    setToolTip(words.join(QLatin1Char('\n')));
    setAccessibleName(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

int LegendBar::naturalWidth(const Entry& entry) const
{
    return sampleWidth + gap + fontMetrics().horizontalAdvance(entry.text) + 1;
}

QSize LegendBar::sizeHint() const
{
    int width = 0;
    for (const Entry& entry : m_entries)
        width += naturalWidth(entry) + spacing;
    return {width, fontMetrics().height() + 8};
}

/// How wide an entry may be so that all fit: the short ones keep what they need.
int LegendBar::widestEntry() const
{
    std::vector<int> widths;
    for (const Entry& entry : m_entries)
        widths.push_back(naturalWidth(entry) + spacing);
    std::ranges::sort(widths);
    int room = width();
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const int share = room / int(widths.size() - i);
        if (widths[i] > share)
            return std::max(share - spacing, sampleWidth + gap);
        room -= widths[i];
    }
    return width();
}

void LegendBar::paintEvent(QPaintEvent*)
{
    if (m_entries.empty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    PlotTheme theme = PlotTheme::of(palette());
    theme.background = palette().color(QPalette::Window);
    const int widest = widestEntry();
    int x = 0;
    for (const Entry& entry : m_entries) {
        const int used = std::min(widest, naturalWidth(entry));
        paintSample(painter, QRectF(x, 0, sampleWidth, height()), entry.style, theme);
        const QRect place(x + sampleWidth + gap, 0, used - sampleWidth - gap, height());
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(entry.text, Qt::ElideRight, place.width()));
        x += used + spacing;
    }
}

} // namespace stair
