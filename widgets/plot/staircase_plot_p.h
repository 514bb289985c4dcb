#pragma once

// Private to the sources of StaircasePlot.

#include "widgets/plot/staircase_plot.h"

#include <array>

namespace stair {

/// One curve's graphs; owned by the plot.
struct StaircasePlot::Graphs
{
    QCPGraph* forward = nullptr;
    QCPGraph* surrogate = nullptr;
    QCPGraph* slope = nullptr;
    QCPGraph* error = nullptr;

    std::array<QCPGraph*, 4> all() const { return {forward, surrogate, slope, error}; }
};

/// Gives `graph` the points without those on a straight line between their neighbours: staircases are few
/// corners, and a dashed pen costs by the point.
void setReduced(QCPGraph& graph, const std::vector<double>& x, const std::vector<double>& y);

} // namespace stair
