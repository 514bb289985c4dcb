#include "widgets/plot/plot_theme.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// Relative luminance of an sRGB colour (WCAG 2.1, "relative luminance").
double luminance(const QColor& color)
{
    const auto linear = [](double c) {
        return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

} // namespace

QColor blend(const QColor& a, const QColor& b, double share)
{
    const auto mix = [share](float x, float y) {
        return float(x + (y - x) * share);
    };
    return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()),
                            mix(a.blueF(), b.blueF()));
}

double contrast(const QColor& a, const QColor& b)
{
    const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
    return (light + 0.05) / (dark + 0.05);
}

QColor legible(const QColor& hue, const QColor& background, double ratio)
{
    const QColor pole = luminance(background) > 0.18 ? Qt::black : Qt::white;
    QColor color = hue;
    for (int step = 1; step <= 50 && contrast(color, background) < ratio; ++step)
        color = blend(hue, pole, step / 50.0);
    return color;
}

QPalette paperPalette()
{
    const QColor ink(0x1C, 0x1C, 0x1C);
    QPalette palette(Qt::white);
    palette.setColor(QPalette::Base, Qt::white);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(role, ink);
    return palette;
}

PlotTheme PlotTheme::of(const QPalette& palette)
{
    PlotTheme theme;
    theme.background = palette.color(QPalette::Base);
    theme.text = legible(palette.color(QPalette::Text), theme.background, 4.5);
    theme.axis = blend(theme.text, theme.background, 0.35);
    theme.grid = blend(theme.text, theme.background, 0.88);
    return theme;
}

QColor PlotTheme::curve(int hue) const
{
    // Vermillion, blue, bluish green, reddish purple, orange, sky blue, yellow.
    static constexpr QRgb hues[]
        = {0xD55E00, 0x0072B2, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0xF0E442};
    if (hue <= 0)
        return text;
    // On a dark ground thin lines need more than the 3:1 that suffices on a light one.
    const double ratio = luminance(background) > 0.18 ? 3.0 : 4.5;
    return legible(QColor(hues[(hue - 1) % std::size(hues)]), background, ratio);
}

QVector<qreal> PlotTheme::dash(int index)
{
    switch (index % dashCount) {
    case 1:
        return {6, 2.5};
    case 2:
        return {1.5, 2};
    case 3:
        return {7, 2, 1.5, 2};
    case 4:
        return {3, 2};
    case 5:
        return {8, 2, 1.5, 2, 1.5, 2};
    default:
        return {};
    }
}

} // namespace stair
