#include "widgets/plot/graph_layout.h"

#include <algorithm>

namespace stair {

namespace {

constexpr double laneWidth = 0.22; // of an edge that passes by, in boxes

/// A box, or the place where an edge crosses a rank.
struct Item
{
    int rank = 0;
    double width = 1;
    int above = -1; // the item under which it wants to stand
    double x = 0;
};

std::vector<int> ranksOf(int nodes, const std::vector<std::pair<int, int>>& edges)
{
    std::vector<int> ranks(std::size_t(nodes), 0);
    for (int node = 0; node < nodes; ++node) // edges lead upwards in number: one pass is enough
        for (const auto& [from, to] : edges)
            if (to == node)
                ranks[std::size_t(node)]
                    = std::max(ranks[std::size_t(node)], ranks[std::size_t(from)] + 1);
    return ranks;
}

/// From the left, each under what it reads where there is room.
void place(std::vector<Item>& items, std::vector<int> row)
{
    const auto wanted = [&items](int i) {
        const int above = items[std::size_t(i)].above;
        return above < 0 ? 0.0 : items[std::size_t(above)].x;
    };
    std::ranges::stable_sort(row, {}, wanted);
    double free = -1e9; // the left edge of what is still free
    for (const int i : row) {
        Item& item = items[std::size_t(i)];
        item.x = std::max(wanted(i), free + item.width / 2);
        free = item.x + item.width / 2;
    }
}

} // namespace

GraphLayout layOutGraph(int nodes, const std::vector<std::pair<int, int>>& edges)
{
    const std::vector<int> ranks = ranksOf(nodes, edges);
    std::vector<Item> items;
    int last = 0;
    for (const int rank : ranks) {
        items.push_back({.rank = rank});
        last = std::max(last, rank);
    }
    std::vector<std::vector<int>> lanes(edges.size()); // items of each edge
    for (std::size_t e = 0; e < edges.size(); ++e) {
        const auto& [from, to] = edges[e];
        int above = from;
        for (int rank = ranks[std::size_t(from)] + 1; rank < ranks[std::size_t(to)]; ++rank) {
            items.push_back({.rank = rank, .width = laneWidth, .above = above});
            above = int(items.size()) - 1;
            lanes[e].push_back(above);
        }
        if (items[std::size_t(to)].above < 0)
            items[std::size_t(to)].above = above;
    }
    std::vector<std::vector<int>> rows(std::size_t(last) + 1);
    for (std::size_t i = 0; i < items.size(); ++i)
        rows[std::size_t(items[i].rank)].push_back(int(i));
    for (const std::vector<int>& row : rows)
        place(items, row);
    GraphLayout layout;
    for (int node = 0; node < nodes; ++node)
        layout.boxes.emplace_back(items[std::size_t(node)].x, items[std::size_t(node)].rank);
    for (const std::vector<int>& lane : lanes) {
        layout.bends.emplace_back();
        for (const int i : lane)
            layout.bends.back().emplace_back(items[std::size_t(i)].x, items[std::size_t(i)].rank);
    }
    return layout;
}

} // namespace stair
