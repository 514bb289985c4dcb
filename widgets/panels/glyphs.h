#pragma once

#include <QIcon>

namespace stair {

/// The few icons, drawn as shapes in the palette's text colour: sharp at every scale, either theme.
enum class Glyph
{
    Play,
    Pause,
    Stop,
    Warning,
    Error,
    Check,
    Star,
    Note, // a written page
    Order, // lines that shorten: sorted
    Application
};

QIcon glyphIcon(Glyph glyph);

/// Draws one into `place` in `color`.
void paintGlyph(QPainter& painter, Glyph glyph, const QRectF& place, const QColor& color);

} // namespace stair
