#pragma once

#include <QColor>
#include <QPalette>
#include <QVector>

namespace stair {

/// `share` of the way from one colour to the other.
QColor blend(const QColor& from, const QColor& to, double share);

/// WCAG 2 contrast ratio of two opaque colours, 1 to 21.
double contrast(const QColor& a, const QColor& b);

/// `hue` made darker or lighter until it stands at least `ratio` against `background`.
QColor legible(const QColor& hue, const QColor& background, double ratio);

/// Light colours, whatever the window's are: for pictures that go into papers.
QPalette paperPalette();

/// The colours of every plot and of the marks that stand for curves elsewhere, from a palette.
struct PlotTheme
{
    QColor background;
    QColor text;
    QColor axis;
    QColor grid;

    static PlotTheme of(const QPalette& palette);

    /// Curve colours: 0 is ink (black or white), 1 to hueCount - 1 the hues of Okabe and Ito (2008)
    /// with a lightness that stands 3:1 against the background. Larger numbers begin again at 1.
    static constexpr int hueCount = 8;
    QColor curve(int hue) const;

    /// Dash patterns in units of the pen's width, told apart in a grey print; 0 is solid.
    static constexpr int dashCount = 6;
    static QVector<qreal> dash(int index);
};

} // namespace stair
