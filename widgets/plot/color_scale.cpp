#include "widgets/plot/color_scale.h"

#include "widgets/plot/heat_map.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int barHeight = 10;

} // namespace

QString shortNumber(double value)
{
    return QString::number(value, 'g', 3);
}

ColorScale ColorScale::over(double least, double most)
{
    if (least >= 0 || most <= 0)
        return {least, most, false};
    const double reach = std::max(-least, most);
    return {-reach, reach, true};
}

QColor ColorScale::at(const PlotTheme& theme, double value) const
{
    const double t = most > least ? std::clamp((value - least) / (most - least), 0.0, 1.0) : 0.5;
    if (!isDiverging)
        return scaleColor(theme, t);
    // Blue and orange of Okabe and Ito.
    const QColor end = t < 0.5 ? QColor(0x0072B2) : QColor(0xD55E00);
    return blend(theme.background, end, std::abs(2 * t - 1));
}

ScaleBar::ScaleBar(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ScaleBar::setScale(const ColorScale& scale, const QString& title)
{
    m_scale = scale;
    m_title = title;
    setAccessibleName(tr("Colour scale: %1, %2 to %3")
                          .arg(title, shortNumber(scale.least), shortNumber(scale.most)));
    setToolTip(accessibleName());
    update();
}

QSize ScaleBar::sizeHint() const
{
    return {240, barHeight + fontMetrics().height() + 4};
}

QSize ScaleBar::minimumSizeHint() const
{
    return {120, sizeHint().height()};
}

void ScaleBar::paintEvent(QPaintEvent*)
{
    if (m_title.isEmpty())
        return;
    QPainter painter(this);
    const PlotTheme theme = PlotTheme::of(palette());
    const QRect bar(0, 0, width() - 1, barHeight);
    for (int x = bar.left(); x < bar.right(); ++x) {
        const double value = m_scale.least
            + (m_scale.most - m_scale.least) * (x - bar.left()) / std::max(1, bar.width() - 1);
        painter.fillRect(x, bar.top(), 1, bar.height(), m_scale.at(theme, value));
    }
    painter.setPen(theme.axis);
    painter.drawRect(bar);
    const QRect line(0, barHeight + 2, width(), fontMetrics().height());
    painter.setPen(palette().color(QPalette::WindowText));
    const QString least = shortNumber(m_scale.least), most = shortNumber(m_scale.most);
    painter.drawText(line, Qt::AlignLeft, least);
    painter.drawText(line, Qt::AlignRight, most);
    const int ends = 12
        + std::max(fontMetrics().horizontalAdvance(least), fontMetrics().horizontalAdvance(most));
    const QRect middle = line.adjusted(ends, 0, -ends, 0);
    painter.drawText(middle, Qt::AlignHCenter,
                     fontMetrics().elidedText(m_title, Qt::ElideRight, middle.width()));
}

} // namespace stair
