#include "widgets/plot/line_sample.h"

#include <QPainter>

namespace stair {

QPixmap lineSample(const QColor& color, const QVector<qreal>& dash, const QSize& size, qreal scale)
{
    QPixmap picture(size * scale);
    picture.setDevicePixelRatio(scale);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(color, 3);
    pen.setCapStyle(Qt::FlatCap);
    if (!dash.isEmpty())
        pen.setDashPattern(dash);
    painter.setPen(pen);
    painter.drawLine(QPointF(0, size.height() / 2.0), QPointF(size.width(), size.height() / 2.0));
    return picture;
}

} // namespace stair
