#include "core/data/painter.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

using Colour = std::array<float, 3>;

void mix(Colour& canvas, const Colour& paint, float amount)
{
    for (std::size_t c = 0; c < 3; ++c)
        canvas[c] += amount * (paint[c] - canvas[c]);
}

float distance(const Colour& a, const Colour& b)
{
    float sum = 0;
    for (std::size_t c = 0; c < 3; ++c)
        sum += (a[c] - b[c]) * (a[c] - b[c]);
    return std::sqrt(sum);
}

} // namespace

Painter::Painter(int size, Random& random)
    : m_size(size)
    , m_pixel(1 / float(size))
    , m_random(random)
    , m_canvas(std::size_t(size) * size)
{
}

float Painter::between(float least, float most)
{
    return least + (most - least) * m_random.uniform();
}

Painter::Colour Painter::colour()
{
    const float red = m_random.uniform();
    const float green = m_random.uniform();
    return {red, green, m_random.uniform()};
}

Painter::Colour Painter::contrasting(const Colour& other, float contrast)
{
    for (int attempt = 0; attempt < 20; ++attempt) {
        const Colour candidate = colour();
        if (distance(candidate, other) >= contrast)
            return candidate;
    }
    const bool dark = other[0] + other[1] + other[2] < 1.5f;
    return dark ? Colour{1, 1, 1} : Colour{0, 0, 0};
}

Painter::Range Painter::range(float least, float most) const
{
    const int begin = int(std::floor(least * float(m_size))) - 1;
    const int end = int(std::floor(most * float(m_size))) + 2;
    return {std::clamp(begin, 0, m_size), std::clamp(end, 0, m_size)};
}

void Painter::background(float texture)
{
    constexpr int knots = 6; // of the texture, along each side
    std::array<std::array<Colour, knots>, knots> bumps;
    for (auto& row : bumps) {
        for (Colour& bump : row) {
            const float grey = between(-1, 1); // mostly brightness, a little hue
            for (float& value : bump)
                value = texture * (0.7f * grey + 0.3f * between(-1, 1));
        }
    }
    const Colour from = colour();
    const Colour to = colour();
    const Direction direction = randomDirection(m_random);
    for (int y = 0; y < m_size; ++y) {
        const float v = (float(y) + 0.5f) * m_pixel;
        const float row = v * float(knots - 1);
        const auto j = std::size_t(row);
        for (int x = 0; x < m_size; ++x) {
            const float u = (float(x) + 0.5f) * m_pixel;
            const float column = u * float(knots - 1);
            const auto i = std::size_t(column);
            const float across = column - float(i);
            const float down = row - float(j);
            const float along = 0.5f + 0.7f * ((u - 0.5f) * direction.x + (v - 0.5f) * direction.y);
            Colour& pixel = at(x, y);
            for (std::size_t c = 0; c < 3; ++c) {
                const float upper = bumps[j][i][c] + across * (bumps[j][i + 1][c] - bumps[j][i][c]);
                const float lower
                    = bumps[j + 1][i][c] + across * (bumps[j + 1][i + 1][c] - bumps[j + 1][i][c]);
                pixel[c] = from[c] + along * (to[c] - from[c]) + upper + down * (lower - upper);
            }
        }
    }
}

void Painter::stroke(float x0, float y0, float x1, float y1, float width, const Colour& colour)
{
    const float dx = x1 - x0;
    const float dy = y1 - y0;
    const float squared = std::max(dx * dx + dy * dy, 1e-6f);
    const Range columns = range(std::min(x0, x1) - width, std::max(x0, x1) + width);
    const Range rows = range(std::min(y0, y1) - width, std::max(y0, y1) + width);
    for (int j = rows.begin; j < rows.end; ++j) {
        for (int i = columns.begin; i < columns.end; ++i) {
            const float x = (float(i) + 0.5f) * m_pixel - x0;
            const float y = (float(j) + 0.5f) * m_pixel - y0;
            const float t = std::clamp((x * dx + y * dy) / squared, 0.0f, 1.0f);
            const float away = std::sqrt((x - t * dx) * (x - t * dx) + (y - t * dy) * (y - t * dy));
            mix(at(i, j), colour, std::clamp(0.5f - (away - width) / m_pixel, 0.0f, 1.0f));
        }
    }
}

void Painter::clutter(std::uint32_t count)
{
    for (std::uint32_t k = 0; k < count; ++k) {
        const float x = m_random.uniform();
        const float y = m_random.uniform();
        const Direction direction = randomDirection(m_random);
        const float length = m_random.below(3) == 0 ? 0 : between(0.1f, 0.35f);
        const float width = between(0.015f, 0.045f);
        stroke(x, y, x + length * direction.x, y + length * direction.y, width, colour());
    }
}

Painter::Colour Painter::average(float x, float y, float radius) const
{
    const Range columns = range(x - radius, x + radius);
    const Range rows = range(y - radius, y + radius);
    Colour sum{};
    for (int j = rows.begin; j < rows.end; ++j) {
        for (int i = columns.begin; i < columns.end; ++i) {
            for (std::size_t c = 0; c < 3; ++c)
                sum[c] += at(i, j)[c];
        }
    }
    const int pixels = std::max(1, (columns.end - columns.begin) * (rows.end - rows.begin));
    for (float& value : sum)
        value /= float(pixels);
    return sum;
}

void Painter::figure(const Figure& figure, float radius, float contrast)
{
    const float margin = radius * 0.9f;
    const float centreX = between(margin, 1 - margin);
    const float centreY = between(margin, 1 - margin);
    const Colour base = contrasting(average(centreX, centreY, radius), contrast);
    const float shade = between(-0.25f, 0.25f); // the figure's own gradient
    const Direction light = randomDirection(m_random);
    const float reach = 1.2f * radius; // corners of squares and stars pass the unit circle
    const Range columns = range(centreX - reach, centreX + reach);
    const Range rows = range(centreY - reach, centreY + reach);
    for (int j = rows.begin; j < rows.end; ++j) {
        const float y = ((float(j) + 0.5f) * m_pixel - centreY) / radius;
        for (int i = columns.begin; i < columns.end; ++i) {
            const float x = ((float(i) + 0.5f) * m_pixel - centreX) / radius;
            const float lit = shade * (x * light.x + y * light.y);
            const Colour paint{base[0] + lit, base[1] + lit, base[2] + lit};
            mix(at(i, j), paint, figure.coverage(x, y, m_pixel / radius));
        }
    }
}

void Painter::finish(float noise, std::span<std::uint8_t> pixels)
{
    // Four uniform bytes sum to mean 510 and variance 4 (256^2 - 1) / 12: nearly normal.
    constexpr float unit = 1 / 147.8f;
    const float scale = noise * unit;
    std::uint8_t* dst = pixels.data();
    for (const Colour& pixel : m_canvas) {
        for (const float value : pixel) {
            const std::uint32_t bits = m_random.bits();
            const auto sum
                = int((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24));
            const float level = value + scale * float(sum - 510);
            *dst++ = std::uint8_t(std::clamp(level, 0.0f, 1.0f) * 255 + 0.5f);
        }
    }
}

} // namespace stair
