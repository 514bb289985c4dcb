#pragma once

#include "widgets/plot/color_scale.h"
#include "widgets/plot/graph_layout.h"

#include <QGraphicsView>

#include <optional>
#include <utility>
#include <vector>

namespace stair {

/// One box of a graph: what stands in it, and the value that colours it.
struct GraphBox
{
    QString title;
    QString detail;
    QString number; // the value in words; empty where there is none
    std::optional<double> value;
    QString toolTip;
};

/// A graph from top to bottom, to be looked at. The wheel zooms, dragging pans, double click or Home
/// fits; arrow keys go from box to box, + and - zoom.
class GraphView : public QGraphicsView
{
    Q_OBJECT

public:
    explicit GraphView(QWidget* parent = nullptr);
    ~GraphView() override;

    /// Edges lead from lower to higher numbers. The same edges again keep place and zoom.
    void setGraph(std::vector<GraphBox> boxes, const std::vector<std::pair<int, int>>& edges,
                  const ColorScale& scale);

    void select(int box); // -1: none; scrolls to it
    int selected() const { return m_selected; }
    const std::vector<GraphBox>& boxes() const { return m_boxes; }

    /// Where a box stands in the viewport.
    QRect boxRect(int box) const;

    /// The whole graph, or as much as can be read.
    void fit();
    void zoomBy(double factor);
    QSize sizeHint() const override { return {480, 320}; }

signals:
    void boxSelected(int box); // by the user

protected:
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    class BoxItem;

    void build();
    void choose(int box);
    void showStart();

    QGraphicsScene* m_scene = nullptr;
    std::vector<GraphBox> m_boxes;
    std::vector<std::pair<int, int>> m_edges;
    std::vector<BoxItem*> m_items; // the scene owns them
    ColorScale m_scale;
    int m_selected = -1;
    bool m_isUntouched = false; // stands where showStart() put it: follows the window's size
    QPoint m_pressed;
};

} // namespace stair
