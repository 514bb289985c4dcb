#include "widgets/panels/tinted_strip.h"

#include "widgets/plot/plot_theme.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>

namespace stair {

void TintedStrip::applyColors()
{
    constexpr double share = 0.16; // of the tint
    const QPalette outer = QApplication::palette();
    const QColor ground = blend(outer.color(QPalette::Window), tint(), share);
    QPalette own; // of these two roles alone, so that a change of the others is still heard of
    own.setColor(QPalette::Window, ground);
    own.setColor(QPalette::WindowText, legible(outer.color(QPalette::WindowText), ground, 4.5));
    if (own != palette())
        setPalette(own);
    update();
}

void TintedStrip::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange || event->type() == QEvent::PaletteChange)
        applyColors();
}

void TintedStrip::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), palette().color(QPalette::Window));
}

} // namespace stair
