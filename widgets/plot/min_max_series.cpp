#include "widgets/plot/min_max_series.h"

#include <algorithm>

namespace stair {

namespace {

constexpr int groupBits = 2; // each level gathers 4 groups of the level below
constexpr std::size_t perPixel = 4;

} // namespace

void MinMaxSeries::extend(std::vector<Group>& groups, std::size_t group, const Point& point)
{
    if (group == groups.size()) {
        groups.push_back({point, point});
        return;
    }
    Group& last = groups[group];
    if (point.y < last.least.y)
        last.least = point;
    if (point.y > last.greatest.y)
        last.greatest = point;
}

void MinMaxSeries::append(double x, double y)
{
    const Point point = {x, y};
    m_least = m_points.empty() ? y : std::min(m_least, y);
    m_greatest = m_points.empty() ? y : std::max(m_greatest, y);
    if (y > 0)
        m_leastPositive = m_leastPositive > 0 ? std::min(m_leastPositive, y) : y;
    const std::size_t index = m_points.size();
    m_points.push_back(point);
    for (std::size_t level = 0; level < m_levels.size(); ++level)
        extend(m_levels[level], index >> (groupBits * (level + 1)), point);
    // A level comes into being when the one below holds more than 4 groups.
    const std::size_t below = m_levels.empty() ? m_points.size() : m_levels.back().size();
    if (below <= (std::size_t(1) << groupBits))
        return;
    std::vector<Group>& top = m_levels.emplace_back();
    for (std::size_t i = 0; i < m_points.size(); ++i)
        extend(top, i >> (groupBits * m_levels.size()), m_points[i]);
}

void MinMaxSeries::clear()
{
    m_points.clear();
    m_levels.clear();
    m_least = 0;
    m_greatest = 0;
    m_leastPositive = 0;
}

std::vector<MinMaxSeries::Point> MinMaxSeries::visible(double from, double to, int columns) const
{
    const auto byX = [](const Point& point, double x) {
        return point.x < x;
    };
    const auto xBefore = [](double x, const Point& point) {
        return x < point.x;
    };
    const auto begin = m_points.begin();
    auto first = std::size_t(std::lower_bound(begin, m_points.end(), from, byX) - begin);
    auto last = std::size_t(std::upper_bound(begin, m_points.end(), to, xBefore) - begin);
    first -= first > 0;
    last += last < m_points.size();

    const std::size_t most = perPixel * std::size_t(std::max(columns, 1));
    std::size_t level = 0; // 0: the points themselves
    while ((last - first) >> (groupBits * level) > most / 2 && level < m_levels.size())
        ++level;
    if (level == 0 || last - first <= most)
        return {begin + std::ptrdiff_t(first), begin + std::ptrdiff_t(last)};

    std::vector<Point> drawn;
    drawn.push_back(m_points[first]);
    const std::vector<Group>& groups = m_levels[level - 1];
    const std::size_t shift = groupBits * level;
    for (std::size_t group = first >> shift; group < groups.size() && group << shift < last;
         ++group) {
        const auto& [least, greatest] = groups[group];
        const bool rising = least.x <= greatest.x;
        for (const Point& point : {rising ? least : greatest, rising ? greatest : least}) {
            if (point.x >= drawn.back().x)
                drawn.push_back(point);
        }
    }
    drawn.push_back(m_points[last - 1]);
    return drawn;
}

} // namespace stair
