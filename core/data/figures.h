#pragma once

#include "core/base/random.h"

#include <string>
#include <vector>

namespace stair {

enum class FigureKind
{
    Disc,
    Ring,
    Square,
    Triangle,
    Cross,
    Star,
    HorizontalStripes,
    VerticalStripes,
    DiagonalStripes,
    Checkerboard,
};

/// Names of the kinds in their order: the classes of the procedural data set.
const std::vector<std::string>& figureNames();

/// A figure in coordinates of its own, within the unit circle or a little beyond.
struct Figure
{
    FigureKind kind = FigureKind::Disc;
    float thickness = 0; // of rings and crosses
    float period = 1; // of stripes and checkerboards
    float phase = 0;
    bool round = false; // outline of stripes and checkerboards: disc or square
    float cosine = 1; // rotation
    float sine = 0;

    /// Draws the free parameters. `tilt` bounds the slope by which stripes leave their direction.
    static Figure random(FigureKind kind, float tilt, Random& random);

    /// How much of a pixel of width `pixel` around (x, y) the figure covers, 0 to 1.
    float coverage(float x, float y, float pixel) const;
};

/// A unit vector in a random direction.
struct Direction
{
    float x = 1;
    float y = 0;
};
Direction randomDirection(Random& random);

} // namespace stair
