#pragma once

#include "widgets/models/run_style.h"
#include "widgets/panels/layer_figures.h"

#include <QWidget>

namespace stair {

class CursorTable;
class LinePlot;

/// What happens to one tensor over the steps: cut off, zero, unused levels, flips; of gradients the norm.
class LayerCurves : public QWidget
{
    Q_OBJECT

public:
    explicit LayerCurves(QWidget* parent = nullptr);

    struct Lane
    {
        QString name;
        RunStyle style;
        const LayerLog* log = nullptr;
        double steps = 0; // in the whole run; 0: not known
    };

    /// Draws anew what the logs have of this tensor.
    void draw(const std::vector<Lane>& lanes, const std::string& layer, TensorSide side);

    /// In the order: cut off, zero, unused, flips, norm.
    const std::vector<LinePlot*>& plots() const { return m_plots; }

    void setXRange(double from, double to); // as if the user had zoomed there
    void goLive();

signals:
    void xRangeChanged(double from, double to); // by the user
    void wentLive(); // by the user

private:
    std::vector<LinePlot*> m_plots;
    CursorTable* m_cursors = nullptr;
    std::string m_shown; // what the curves were set up for
};

} // namespace stair
