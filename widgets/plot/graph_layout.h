#pragma once

#include <QPointF>

#include <utility>
#include <vector>

namespace stair {

/// Where the boxes of a graph and the bends of its edges go. x counts boxes from the left, y ranks from
/// the top.
struct GraphLayout
{
    std::vector<QPointF> boxes; // centres, by node
    std::vector<std::vector<QPointF>> bends; // by edge: a point in each rank that it passes
};

/// Layers a directed graph whose edges (from, to) lead from lower to higher numbers: each node stands
/// below all that it reads, and under the first of them as far as there is room. Edges that skip ranks
/// get lanes of their own beside the boxes.
GraphLayout layOutGraph(int nodes, const std::vector<std::pair<int, int>>& edges);

} // namespace stair
