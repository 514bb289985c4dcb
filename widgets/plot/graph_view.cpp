#include "widgets/plot/graph_view.h"

#include <QGraphicsItem>
#include <QGraphicsScene>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr double boxWidth = 220;
constexpr double across = 246; // from box to box
constexpr double leastZoom = 0.05, mostZoom = 4;
constexpr double readable = 0.45; // below it texts are left out
constexpr double startZoom = 0.8;
constexpr double zoomStep = 1.2;

double boxHeight(const QFontMetrics& metrics)
{
    return 2 * metrics.height() + 8;
}

double rankHeight(const QFontMetrics& metrics)
{
    return boxHeight(metrics) + 18;
}

/// Down through the points, straight in its lane.
QPainterPath edgePath(const std::vector<QPointF>& points)
{
    QPainterPath path(points.front());
    for (std::size_t i = 1; i < points.size(); ++i) {
        const QPointF &a = points[i - 1], &b = points[i];
        const double middle = (a.y() + b.y()) / 2;
        path.cubicTo(a.x(), middle, b.x(), middle, b.x(), b.y());
    }
    return path;
}

} // namespace

class GraphView::BoxItem : public QGraphicsItem
{
public:
    BoxItem(const GraphView& view, int box)
        : m_view(view)
        , m_box(box)
    {
    }

    QRectF boundingRect() const override { return body().adjusted(-3, -3, 3, 3); }

    QRectF body() const
    {
        const double height = boxHeight(m_view.fontMetrics());
        return {-boxWidth / 2, -height / 2, boxWidth, height};
    }

    void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override
    {
        const GraphBox& box = m_view.boxes()[std::size_t(m_box)];
        const PlotTheme theme = PlotTheme::of(m_view.palette());
        const QColor fill = box.value ? m_view.m_scale.at(theme, *box.value) : theme.background;
        const bool isSelected = m_view.selected() == m_box;
        painter->setBrush(fill);
        painter->setPen(isSelected ? QPen(m_view.palette().color(QPalette::Highlight), 3)
                                   : QPen(theme.axis, 1));
        painter->drawRoundedRect(body(), 3, 3);
        if (painter->worldTransform().m11() < readable)
            return;
        const bool isDark = contrast(Qt::white, fill) > contrast(Qt::black, fill);
        painter->setPen(isDark ? Qt::white : Qt::black);
        const QRectF inner = body().adjusted(6, 4, -6, -4);
        const QFontMetrics metrics(painter->font());
        const int number = metrics.horizontalAdvance(box.number) + 6;
        painter->drawText(inner, Qt::AlignLeft | Qt::AlignTop,
                          metrics.elidedText(box.title, Qt::ElideMiddle, int(inner.width())));
        painter->drawText(
            inner, Qt::AlignLeft | Qt::AlignBottom,
            metrics.elidedText(box.detail, Qt::ElideRight, int(inner.width()) - number));
        QFont bold = painter->font();
        bold.setBold(true);
        painter->setFont(bold);
        painter->drawText(inner, Qt::AlignRight | Qt::AlignBottom, box.number);
    }

private:
    const GraphView& m_view;
    int m_box;
};

GraphView::GraphView(QWidget* parent)
    : QGraphicsView(parent)
    , m_scene(new QGraphicsScene(this))
{
    setScene(m_scene);
    setWhatsThis(
        tr("<p>A box for each layer, from the image above to the logits below; what it tells "
           "and its colour are chosen above. The wheel zooms, dragging pans, arrow keys go from "
           "box to box, + and − zoom, Home or a double click fits.</p>"));
    setDragMode(QGraphicsView::ScrollHandDrag);
    setRenderHint(QPainter::Antialiasing);
    setTransformationAnchor(QGraphicsView::AnchorUnderMouse);
    viewport()->setCursor(Qt::ArrowCursor);
}

GraphView::~GraphView() = default;

void GraphView::setGraph(std::vector<GraphBox> boxes, const std::vector<std::pair<int, int>>& edges,
                         const ColorScale& scale)
{
    const bool isSame = boxes.size() == m_boxes.size() && edges == m_edges;
    m_boxes = std::move(boxes);
    m_edges = edges;
    m_scale = scale;
    if (!isSame) {
        m_selected = -1;
        build();
        return;
    }
    for (std::size_t i = 0; i < m_items.size(); ++i)
        m_items[i]->setToolTip(m_boxes[i].toolTip);
    viewport()->update();
}

void GraphView::build()
{
    m_scene->clear();
    m_items.clear();
    const PlotTheme theme = PlotTheme::of(palette());
    m_scene->setBackgroundBrush(theme.background);
    const GraphLayout layout = layOutGraph(int(m_boxes.size()), m_edges);
    const double down = rankHeight(fontMetrics()), half = boxHeight(fontMetrics()) / 2;
    const auto at = [down](const QPointF& place) {
        return QPointF(place.x() * across, place.y() * down);
    };
    for (std::size_t e = 0; e < m_edges.size(); ++e) {
        std::vector<QPointF> points{at(layout.boxes[std::size_t(m_edges[e].first)])
                                    + QPointF(0, half)};
        for (const QPointF& bend : layout.bends[e]) {
            points.push_back(at(bend) - QPointF(0, half));
            points.push_back(at(bend) + QPointF(0, half));
        }
        points.push_back(at(layout.boxes[std::size_t(m_edges[e].second)]) - QPointF(0, half));
        m_scene->addPath(edgePath(points), QPen(theme.axis, 1.2))->setZValue(-1);
    }
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        m_items.push_back(new BoxItem(*this, int(i)));
        m_items.back()->setPos(at(layout.boxes[i]));
        m_items.back()->setToolTip(m_boxes[i].toolTip);
        m_scene->addItem(m_items.back());
    }
    m_scene->setSceneRect(m_scene->itemsBoundingRect().adjusted(-12, -12, 12, 12));
    showStart();
}

/// All of it where that can be read; else its beginning.
void GraphView::showStart()
{
    m_isUntouched = true;
    fit();
    if (transform().m11() >= readable)
        return;
    resetTransform();
    scale(startZoom, startZoom);
    verticalScrollBar()->setValue(verticalScrollBar()->minimum());
    horizontalScrollBar()->setValue(horizontalScrollBar()->minimum());
}

void GraphView::fit()
{
    fitInView(m_scene->sceneRect(), Qt::KeepAspectRatio);
    if (transform().m11() > 1)
        resetTransform();
}

void GraphView::zoomBy(double factor)
{
    m_isUntouched = false;
    const double now = transform().m11();
    const double wanted = std::clamp(now * factor, leastZoom, mostZoom);
    scale(wanted / now, wanted / now);
}

QRect GraphView::boxRect(int box) const
{
    const BoxItem* item = m_items[std::size_t(box)];
    return mapFromScene(item->mapRectToScene(item->body())).boundingRect();
}

void GraphView::select(int box)
{
    if (box == m_selected || box >= int(m_items.size()))
        return;
    m_selected = box;
    m_isUntouched = false;
    m_scene->update();
    if (box >= 0)
        ensureVisible(m_items[std::size_t(box)], 12, 12);
}

void GraphView::choose(int box)
{
    if (box < 0 || box == m_selected)
        return;
    select(box);
    setAccessibleDescription(QStringLiteral("%1, %2, %3")
                                 .arg(m_boxes[std::size_t(box)].title,
                                      m_boxes[std::size_t(box)].detail,
                                      m_boxes[std::size_t(box)].number));
    emit boxSelected(box);
}

void GraphView::wheelEvent(QWheelEvent* event)
{
    zoomBy(std::pow(zoomStep, event->angleDelta().y() / 120.0));
    event->accept();
}

void GraphView::keyPressEvent(QKeyEvent* event)
{
    const int last = int(m_boxes.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Down:
    case Qt::Key_Right:
        choose(std::min(last, m_selected + 1));
        break;
    case Qt::Key_Up:
    case Qt::Key_Left:
        choose(std::max(0, m_selected - 1));
        break;
    case Qt::Key_Plus:
        zoomBy(zoomStep);
        break;
    case Qt::Key_Minus:
        zoomBy(1 / zoomStep);
        break;
    case Qt::Key_Home:
        fit();
        break;
    default:
        QGraphicsView::keyPressEvent(event);
    }
}

void GraphView::mousePressEvent(QMouseEvent* event)
{
    m_pressed = event->pos();
    m_isUntouched = false;
    QGraphicsView::mousePressEvent(event);
}

/// A click, not the end of a drag, chooses.
void GraphView::mouseReleaseEvent(QMouseEvent* event)
{
    QGraphicsView::mouseReleaseEvent(event);
    viewport()->setCursor(Qt::ArrowCursor);
    if (event->button() != Qt::LeftButton || (event->pos() - m_pressed).manhattanLength() > 3)
        return;
    const QPointF point = mapToScene(event->pos());
    for (std::size_t i = 0; i < m_items.size(); ++i)
        if (m_items[i]->mapRectToScene(m_items[i]->body()).contains(point))
            choose(int(i));
}

void GraphView::mouseDoubleClickEvent(QMouseEvent* event)
{
    fit();
    event->accept();
}

void GraphView::resizeEvent(QResizeEvent* event)
{
    QGraphicsView::resizeEvent(event);
    if (m_isUntouched)
        showStart();
}

void GraphView::changeEvent(QEvent* event)
{
    QGraphicsView::changeEvent(event);
    if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange)
        return;
    const QTransform before = transform();
    const int selected = std::exchange(m_selected, -1);
    build();
    setTransform(before);
    select(selected);
    m_isUntouched = false;
}

} // namespace stair
