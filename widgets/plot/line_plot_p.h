#pragma once

// Private to the sources of LinePlot.

#include "widgets/plot/line_plot.h"

#include <QLabel>

class QCPGraph;

namespace stair {

/// How far the data reach.
struct LinePlot::Extent
{
    double x = 0;
    double least = 0; // never above zero
    double positive = 0; // the least above zero
    double greatest = 0;
};

struct LinePlot::Curve
{
    QString name;
    QString label; // at its end; empty: the name
    CurveStyle style;
    MinMaxSeries series;
    QCPGraph* graph = nullptr; // owned by the plot
    bool isInk = false; // drawn so densely that no dash is seen
};

struct LinePlot::Band
{
    QString name;
    int hue = 0;
    MinMaxSeries low;
    MinMaxSeries high;
    QCPGraph* lowGraph = nullptr; // owned by the plot
    QCPGraph* highGraph = nullptr;
};

/// The values at the cross-hair, beside it.
class LinePlot::HoverBox : public QLabel
{
public:
    explicit HoverBox(QWidget* parent);

    void show(const QString& head, const std::vector<Reading>& readings, const PlotTheme& theme,
              QPointF at, const QRect& within);
};

/// A value as the cross-hair and the cursors' table show it.
QString readingText(double value);

} // namespace stair
