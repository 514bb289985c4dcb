#include "core/data/figures.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace stair {

namespace {

float between(Random& random, float least, float most)
{
    return least + (most - least) * random.uniform();
}

float length(float x, float y)
{
    return std::sqrt(x * x + y * y);
}

/// Distance to the outline, negative inside: the largest signed distance to any side.
float squareDistance(float x, float y)
{
    return std::max(std::abs(x), std::abs(y)) - 0.8f;
}

float triangleDistance(float x, float y)
{
    constexpr float sine60 = 0.8660254f;
    constexpr float inner = 0.55f;
    return std::max(-y, sine60 * std::abs(x) + 0.5f * y) - inner;
}

float crossDistance(float x, float y, float half)
{
    const float a = std::max(std::abs(x) - 1, std::abs(y) - half);
    const float b = std::max(std::abs(x) - half, std::abs(y) - 1);
    return std::min(a, b);
}

/// A point lies in a five-pointed star when it is beyond at most one of the five lines that the
/// star's sides lie on, so the second largest signed distance takes the place of the largest.
float starDistance(float x, float y)
{
    constexpr float inner = 0.36f;
    // cosine and sine of 90 degrees + k * 72 degrees
    static constexpr std::array<std::array<float, 2>, 5> normals{{{0, 1},
                                                                  {-0.95105652f, 0.30901699f},
                                                                  {-0.58778525f, -0.80901699f},
                                                                  {0.58778525f, -0.80901699f},
                                                                  {0.95105652f, 0.30901699f}}};
    float largest = -10;
    float second = -10;
    for (const auto& normal : normals) {
        const float distance = normal[0] * x + normal[1] * y - inner;
        second = std::max(second, std::min(largest, distance));
        largest = std::max(largest, distance);
    }
    return second;
}

float soften(float distance, float pixel)
{
    return std::clamp(0.5f - distance / pixel, 0.0f, 1.0f);
}

/// Alternates between covered and not along t, half a period each.
float stripes(float t, float period, float pixel)
{
    const float place = t / period - std::floor(t / period); // 0 to 1
    const float distance = (std::abs(place - 0.5f) - 0.25f) * period;
    return soften(distance, pixel);
}

} // namespace

const std::vector<std::string>& figureNames()
{
    static const std::vector<std::string> names = {"disc",
                                                   "ring",
                                                   "square",
                                                   "triangle",
                                                   "cross",
                                                   "star",
                                                   "horizontal stripes",
                                                   "vertical stripes",
                                                   "diagonal stripes",
                                                   "checkerboard"};
    return names;
}

Direction randomDirection(Random& random)
{
    for (;;) { // a point of the unit disc, moved to its edge: no sine is needed
        const float x = between(random, -1, 1);
        const float y = between(random, -1, 1);
        const float radius = length(x, y);
        if (radius > 0.1f && radius <= 1)
            return {x / radius, y / radius};
    }
}

Figure Figure::random(FigureKind kind, float tilt, Random& random)
{
    Figure figure;
    figure.kind = kind;
    figure.phase = random.uniform();
    figure.round = random.below(2) == 1;
    figure.thickness = between(random, 0.2f, 0.32f);
    figure.period = between(random, 0.5f, 0.85f);
    if (kind < FigureKind::HorizontalStripes) {
        const Direction direction = randomDirection(random);
        figure.cosine = direction.x;
        figure.sine = direction.y;
        return figure;
    }
    // Across the stripes is y after rotation: (0, 1), (1, 0) or (1, +-1), off by the tilt.
    const float off = between(random, -tilt, tilt);
    float x = off;
    float y = 1;
    if (kind == FigureKind::VerticalStripes)
        std::swap(x, y);
    if (kind == FigureKind::DiagonalStripes) {
        const float side = random.below(2) == 1 ? 1.0f : -1.0f;
        x = side * (1 + off);
        y = 1 - off;
    }
    figure.sine = -x / length(x, y);
    figure.cosine = y / length(x, y);
    return figure;
}

float Figure::coverage(float x, float y, float pixel) const
{
    const float u = cosine * x + sine * y;
    const float v = cosine * y - sine * x;
    switch (kind) {
    case FigureKind::Disc:
        return soften(length(u, v) - 0.9f, pixel);
    case FigureKind::Ring:
        return soften(std::abs(length(u, v) - 0.95f + thickness) - thickness, pixel);
    case FigureKind::Square:
        return soften(squareDistance(u, v), pixel);
    case FigureKind::Triangle:
        return soften(triangleDistance(u, v - 0.15f), pixel);
    case FigureKind::Cross:
        return soften(crossDistance(u, v, thickness), pixel);
    case FigureKind::Star:
        return soften(starDistance(u, v), pixel);
    default:
        break;
    }
    const float window = soften(round ? length(x, y) - 1 : squareDistance(x, y) - 0.05f, pixel);
    const float across = stripes(v + phase * period, period, pixel);
    if (kind != FigureKind::Checkerboard)
        return window * across;
    const float along = stripes(u + phase * period, period, pixel);
    return window * (across * (1 - along) + along * (1 - across));
}

} // namespace stair
