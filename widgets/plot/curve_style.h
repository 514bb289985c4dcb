#pragma once

namespace stair {

/// How a curve is drawn: a line alone, a pale line for noise, a thin one behind a mean, or marks joined
/// by a thin line.
struct CurveStyle
{
    enum class Mark
    {
        Line,
        Faint, // noise under a smoothed line: its values are not read
        Thin,
        Disc,
        Square,
        Triangle,
        Diamond,
        None // words alone, in a legend
    };
    int hue = 0; // PlotTheme::curve
    int dash = 0; // PlotTheme::dash
    Mark mark = Mark::Line;
};

} // namespace stair
