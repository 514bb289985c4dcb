#pragma once

#include <cstddef>
#include <vector>

namespace stair {

/// A growing curve that can be drawn at any zoom in time proportional to the pixels: beside the
/// points it keeps, for groups of 4, 16, 64 ... points, the least and the greatest of each group.
/// A spike is never lost. x must not decrease.
class MinMaxSeries
{
public:
    struct Point
    {
        double x = 0;
        double y = 0;
    };

    void append(double x, double y);
    void clear();

    const std::vector<Point>& points() const { return m_points; }
    double least() const { return m_least; } // of all y; 0 when empty
    double greatest() const { return m_greatest; }
    double leastPositive() const { return m_leastPositive; } // 0: none is above zero

    /// The points to draw for x in [from, to] on `columns` pixels: as they are where there are at
    /// most 4 a pixel, else least and greatest of each group; with a neighbour on either side.
    std::vector<Point> visible(double from, double to, int columns) const;

private:
    struct Group
    {
        Point least;
        Point greatest;
    };
    static void extend(std::vector<Group>& groups, std::size_t group, const Point& point);

    std::vector<Point> m_points;
    std::vector<std::vector<Group>> m_levels; // of 4, 16, 64 ... points
    double m_least = 0;
    double m_greatest = 0;
    double m_leastPositive = 0;
};

} // namespace stair
