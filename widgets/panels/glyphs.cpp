#include "widgets/panels/glyphs.h"

#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>

#include <cmath>
#include <numbers>

namespace stair {

namespace {

class GlyphEngine : public QIconEngine
{
public:
    explicit GlyphEngine(Glyph glyph)
        : m_glyph(glyph)
    {
    }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        const auto group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
        const QColor color = QGuiApplication::palette().color(group, QPalette::ButtonText);
        paintGlyph(*painter, m_glyph, rect, color);
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect({}, size), mode, state);
        return pixmap;
    }

    QIconEngine* clone() const override { return new GlyphEngine(m_glyph); }

private:
    Glyph m_glyph;
};

/// A staircase through the unit square: the quantizer's forward function.
void paintStaircase(QPainter& painter)
{
    painter.setPen(QPen(painter.brush().color(), 0.09, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.drawPolyline(QPolygonF({{0.06, 0.9},
                                    {0.3, 0.9},
                                    {0.3, 0.64},
                                    {0.52, 0.64},
                                    {0.52, 0.38},
                                    {0.74, 0.38},
                                    {0.74, 0.12},
                                    {0.96, 0.12}}));
}

void paintBadge(QPainter& painter, const QColor& color, bool triangle)
{
    QPainterPath shape;
    if (triangle)
        shape.addPolygon(QPolygonF({{0.5, 0.06}, {0.98, 0.92}, {0.02, 0.92}}));
    else
        shape.addEllipse(QRectF(0.05, 0.05, 0.9, 0.9));
    painter.fillPath(shape, color);
    const bool light = color.lightnessF() > 0.5f;
    painter.setBrush(light ? Qt::black : Qt::white);
    const double top = triangle ? 0.38 : 0.24;
    painter.drawRect(QRectF(0.455, top, 0.09, triangle ? 0.26 : 0.32));
    painter.drawRect(QRectF(0.455, triangle ? 0.72 : 0.65, 0.09, 0.1));
}

} // namespace

QIcon glyphIcon(Glyph glyph)
{
    return QIcon(new GlyphEngine(glyph));
}

void paintGlyph(QPainter& painter, Glyph glyph, const QRectF& place, const QColor& color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double side = std::min(place.width(), place.height());
    painter.translate(place.center() - QPointF(side, side) / 2);
    painter.scale(side, side);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    switch (glyph) {
    case Glyph::Play:
        painter.drawPolygon(QPolygonF({{0.22, 0.12}, {0.22, 0.88}, {0.88, 0.5}}));
        break;
    case Glyph::Pause:
        painter.drawRect(QRectF(0.2, 0.14, 0.2, 0.72));
        painter.drawRect(QRectF(0.6, 0.14, 0.2, 0.72));
        break;
    case Glyph::Stop:
        painter.drawRect(QRectF(0.17, 0.17, 0.66, 0.66));
        break;
    case Glyph::Warning:
    case Glyph::Error:
        paintBadge(painter, color, glyph == Glyph::Warning);
        break;
    case Glyph::Check:
        painter.setPen(QPen(color, 0.13, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(QPolygonF({{0.14, 0.54}, {0.4, 0.8}, {0.86, 0.22}}));
        break;
    case Glyph::Star: {
        QPolygonF star;
        for (int i = 0; i < 10; ++i) {
            const double angle = std::numbers::pi * (i / 5.0 - 0.5);
            const double radius = i % 2 == 0 ? 0.48 : 0.2;
            star += QPointF(0.5 + radius * std::cos(angle), 0.52 + radius * std::sin(angle));
        }
        painter.drawPolygon(star);
        break;
    }
    case Glyph::Note:
        painter.setPen(QPen(color, 0.09));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(0.16, 0.06, 0.68, 0.88));
        for (const double y : {0.32, 0.52, 0.72})
            painter.drawLine(QPointF(0.32, y), QPointF(0.68, y));
        break;
    case Glyph::Order:
        painter.setPen(QPen(color, 0.11));
        for (int i = 0; i < 3; ++i)
            painter.drawLine(QPointF(0.12, 0.25 + 0.25 * i),
                             QPointF(0.88 - 0.24 * i, 0.25 + 0.25 * i));
        break;
    case Glyph::Application:
        paintStaircase(painter);
        break;
    }
    painter.restore();
}

} // namespace stair
