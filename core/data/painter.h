#pragma once

#include "core/base/random.h"
#include "core/data/figures.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace stair {

/// Draws one square colour image in layers, from the back to the front. Every choice comes from
/// the random stream given; it must outlive the painter. Coordinates run from 0 to 1.
class Painter
{
public:
    Painter(int size, Random& random);

    /// A gradient between two colours under smooth texture of the given amplitude.
    void background(float texture);

    /// Short thin strokes and dots of random colours.
    void clutter(std::uint32_t count);

    /// A figure at a random place, almost whole inside the image, in a colour at least `contrast`
    /// away from what is behind it (distance in the RGB cube).
    void figure(const Figure& figure, float radius, float contrast);

    /// Adds noise of the given deviation and writes bytes, three a pixel.
    void finish(float noise, std::span<std::uint8_t> pixels);

private:
    using Colour = std::array<float, 3>;

    float between(float least, float most);
    Colour colour();
    Colour contrasting(const Colour& other, float contrast);
    Colour average(float x, float y, float radius) const;
    void stroke(float x0, float y0, float x1, float y1, float width, const Colour& colour);

    /// Pixels whose centres may lie in a part of one side, as a half-open range.
    struct Range
    {
        int begin = 0;
        int end = 0;
    };
    Range range(float least, float most) const;

    Colour& at(int x, int y) { return m_canvas[std::size_t(y) * m_size + x]; }
    const Colour& at(int x, int y) const { return m_canvas[std::size_t(y) * m_size + x]; }

    int m_size;
    float m_pixel;
    Random& m_random;
    std::vector<Colour> m_canvas;
};

} // namespace stair
