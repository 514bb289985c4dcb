#pragma once

// Private to the sources of LinePlot.

#include "widgets/plot/line_plot.h"
#include "widgets/plot/min_max_series.h"

#include <QString>

class QCPGraph;

namespace stair {

struct LinePlot::Curve
{
    QString name;
    CurveStyle style;
    MinMaxSeries series;
    QCPGraph* graph = nullptr; // owned by the plot
};

} // namespace stair
