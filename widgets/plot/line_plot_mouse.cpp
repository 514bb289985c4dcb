#include "widgets/plot/line_plot.h"

#include "widgets/plot/line_plot_p.h"

#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

// The mouse and the keys in a line plot: zoom, cross-hair, cursors.
namespace stair {

namespace {

constexpr double grip = 6; // pixels beside a cursor that still hold it
constexpr std::size_t mostShown = 24; // values beside the cross-hair
constexpr int boxGap = 12;

QString stepText(double x)
{
    return LinePlot::tr("Step %1").arg(std::max<qint64>(0, qRound64(x)));
}

} // namespace

QString readingText(double value)
{
    return QString::number(value, 'g', 5);
}

LinePlot::HoverBox::HoverBox(QWidget* parent)
    : QLabel(parent)
{
    setObjectName(QStringLiteral("hoverBox"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setTextFormat(Qt::RichText);
    setAutoFillBackground(true);
    setFrameShape(QFrame::Box);
    setContentsMargins(6, 3, 6, 3);
    hide();
}

void LinePlot::HoverBox::show(const QString& head, const std::vector<Reading>& readings,
                              const PlotTheme& theme, QPointF at, const QRect& within)
{
    QString text = QStringLiteral("<b>%1</b><table cellspacing='0'>").arg(head.toHtmlEscaped());
    for (std::size_t i = 0; i < std::min(readings.size(), mostShown); ++i)
        text += QStringLiteral("<tr><td style='color:%1'>━&nbsp;</td><td>%2&nbsp;&nbsp;</td>"
                               "<td align='right'>%3</td></tr>")
                    .arg(theme.curve(readings[i].style.hue).name(),
                         readings[i].name.toHtmlEscaped(), readingText(readings[i].value));
    if (readings.size() > mostShown)
        text += QStringLiteral("<tr><td colspan='3'>%1</td></tr>")
                    .arg(LinePlot::tr("and %1 more").arg(readings.size() - mostShown));
    QPalette own = palette();
    own.setColor(QPalette::Window, theme.background);
    own.setColor(QPalette::WindowText, theme.text);
    setPalette(own);
    setText(text + QStringLiteral("</table>"));
    adjustSize();
    const double left
        = at.x() + boxGap + width() <= within.right() ? at.x() + boxGap : at.x() - boxGap - width();
    move(int(std::max<double>(left, within.left())), within.top() + 4);
    setVisible(true);
}

void LinePlot::setUpMouse()
{
    plot().setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot().installEventFilter(this);
    for (QCPAxis* axis : {plot().xAxis, plot().yAxis})
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this] {
            if (m_ownChange)
                return;
            setLive(false);
            const QCPRange range = plot().xAxis->range();
            emit xRangeChanged(range.lower, range.upper);
        });
    connect(&plot(), &QCustomPlot::mouseWheel, this, [this](const QWheelEvent* event) {
        // Over the plot and the x axis the steps are zoomed, over the y axis its values.
        const bool overY = event->position().x() < plot().axisRect()->left();
        plot().axisRect()->setRangeZoom(overY ? Qt::Vertical : Qt::Horizontal);
    });
    connect(&plot(), &QCustomPlot::mousePress, this, [this](const QMouseEvent* event) {
        const bool box = event->modifiers() & Qt::ShiftModifier;
        plot().axisRect()->setRangeZoom(Qt::Horizontal | Qt::Vertical);
        plot().setSelectionRectMode(box ? QCP::srmZoom : QCP::srmNone);
    });
}

void LinePlot::setUpCursors()
{
    // On a layer with a buffer of its own: moving them draws no curve again.
    const auto line = [this] {
        auto* item = new QCPItemStraightLine(&plot());
        item->setLayer(QStringLiteral("overlay"));
        item->setVisible(false);
        return item;
    };
    m_hover = line();
    for (const Cursor cursor : {A, B}) {
        m_cursorLines[cursor] = line();
        auto* text = new QCPItemText(&plot());
        text->setLayer(QStringLiteral("overlay"));
        text->setText(cursor == A ? QStringLiteral("A") : QStringLiteral("B"));
        text->setPadding(QMargins(3, 1, 3, 1));
        text->setPositionAlignment(Qt::AlignHCenter | Qt::AlignTop);
        text->position->setTypeX(QCPItemPosition::ptPlotCoords);
        text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        text->setVisible(false);
        m_cursorTexts[cursor] = text;
    }
    m_box = new HoverBox(&plot());
}

std::vector<LinePlot::Reading> LinePlot::readings(double x) const
{
    std::vector<Reading> found;
    for (std::size_t i = 0; i < m_curves.size(); ++i) {
        const Curve& curve = *m_curves[i];
        const auto& points = curve.series.points();
        const auto next = std::ranges::upper_bound(points, x, {}, &MinMaxSeries::Point::x);
        if (next != points.begin() && curve.style.mark != CurveStyle::Mark::Faint)
            found.push_back({int(i), curve.name, std::prev(next)->y, curve.style});
    }
    std::ranges::stable_partition(found, [](const Reading& reading) {
        return reading.style.mark != CurveStyle::Mark::Thin; // means come first
    });
    return found;
}

void LinePlot::hover(const QPointF& position)
{
    const QRect frame = plot().axisRect()->rect();
    if (!frame.contains(position.toPoint())) {
        hideHover();
        return;
    }
    const double x = plot().xAxis->pixelToCoord(position.x());
    m_hoverAt = x;
    m_hover->point1->setCoords(x, 0);
    m_hover->point2->setCoords(x, 1);
    m_hover->setVisible(true);
    const QString at = m_xWord.isEmpty()
        ? stepText(x)
        : QStringLiteral("%1 %2").arg(m_xWord).arg(std::max(0.0, x), 0, 'f', 1);
    m_box->show(tr("%1     %2").arg(at, yTitle()), readings(x), theme(), position, frame);
    plot().layer(QStringLiteral("overlay"))->replot();
}

void LinePlot::hideHover()
{
    m_hoverAt.reset();
    m_box->hide();
    if (!m_hover->visible())
        return;
    m_hover->setVisible(false);
    plot().layer(QStringLiteral("overlay"))->replot();
}

void LinePlot::setCursor(Cursor cursor, std::optional<double> x)
{
    m_cursorAt[cursor] = x;
    drawCursors();
}

void LinePlot::drawCursors()
{
    for (const Cursor cursor : {A, B}) {
        const std::optional<double> x = m_cursorAt[cursor];
        m_cursorLines[cursor]->setVisible(x.has_value());
        m_cursorTexts[cursor]->setVisible(x.has_value());
        m_cursorLines[cursor]->point1->setCoords(x.value_or(0), 0);
        m_cursorLines[cursor]->point2->setCoords(x.value_or(0), 1);
        m_cursorTexts[cursor]->position->setCoords(x.value_or(0), 0);
    }
    plot().layer(QStringLiteral("overlay"))->replot();
}

void LinePlot::moveCursor(Cursor cursor, std::optional<double> x)
{
    m_lastCursor = cursor;
    setCursor(cursor, x);
    emit cursorMoved(cursor, x);
}

std::optional<LinePlot::Cursor> LinePlot::cursorUnder(const QPointF& position) const
{
    std::optional<Cursor> nearest;
    double least = grip;
    for (const Cursor cursor : {A, B}) {
        if (!m_cursorAt[cursor] || !plot().axisRect()->rect().contains(position.toPoint()))
            continue;
        const double away
            = std::abs(plot().xAxis->coordToPixel(*m_cursorAt[cursor]) - position.x());
        if (away <= least) {
            least = away;
            nearest = cursor;
        }
    }
    return nearest;
}

/// The plot's own mouse events, before it sees them: cursors come before panning.
bool LinePlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != &plot())
        return PlotView::eventFilter(watched, event);
    if (event->type() == QEvent::MouseButtonPress) {
        const auto& press = static_cast<QMouseEvent&>(*event);
        hideHover();
        if (press.button() == Qt::LeftButton && !(press.modifiers() & Qt::ShiftModifier))
            m_dragged = cursorUnder(press.position());
        if (m_dragged) {
            setFocus(Qt::MouseFocusReason);
            return true;
        }
    } else if (event->type() == QEvent::MouseMove) {
        const QPointF place = static_cast<QMouseEvent&>(*event).position();
        if (m_dragged) {
            const QRect frame = plot().axisRect()->rect();
            const double pixel = std::clamp<double>(place.x(), frame.left(), frame.right());
            moveCursor(*m_dragged, plot().xAxis->pixelToCoord(pixel));
            return true;
        }
        plot().setCursor(cursorUnder(place) ? Qt::SplitHCursor : Qt::ArrowCursor);
        if (static_cast<QMouseEvent&>(*event).buttons() == Qt::NoButton)
            hover(place);
    } else if (event->type() == QEvent::MouseButtonRelease && m_dragged) {
        m_dragged.reset();
        return true;
    } else if (event->type() == QEvent::Leave) {
        hideHover();
    }
    return PlotView::eventFilter(watched, event);
}

void LinePlot::keyPressEvent(QKeyEvent* event)
{
    const QRect frame = plot().axisRect()->rect();
    const double middle = plot().xAxis->pixelToCoord(frame.center().x());
    const std::optional<double> held = m_cursorAt[m_lastCursor];
    const int way = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (event->key() == Qt::Key_A && event->modifiers() == Qt::NoModifier) {
        moveCursor(A, m_hoverAt.value_or(middle));
    } else if (event->key() == Qt::Key_B && event->modifiers() == Qt::NoModifier) {
        moveCursor(B, m_hoverAt.value_or(middle));
    } else if (event->key() == Qt::Key_Delete) {
        moveCursor(A, std::nullopt);
        moveCursor(B, std::nullopt);
    } else if (way != 0 && held) {
        const int pixels = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
        const double place = plot().xAxis->coordToPixel(*held) + way * pixels;
        moveCursor(
            m_lastCursor,
            plot().xAxis->pixelToCoord(std::clamp<double>(place, frame.left(), frame.right())));
    } else {
        PlotView::keyPressEvent(event);
    }
}

void LinePlot::fillMenu(QMenu& menu)
{
    const double x
        = m_hoverAt.value_or(plot().xAxis->pixelToCoord(plot().axisRect()->rect().center().x()));
    menu.addAction(tr("Cursor A here (key A)"), this, [this, x] { moveCursor(A, x); });
    menu.addAction(tr("Cursor B here (key B)"), this, [this, x] { moveCursor(B, x); });
    QAction* away = menu.addAction(tr("Remove the cursors (Delete)"), this, [this] {
        moveCursor(A, std::nullopt);
        moveCursor(B, std::nullopt);
    });
    away->setEnabled(m_cursorAt[A] || m_cursorAt[B]);
    menu.addSeparator();
    const auto scale = [&](const QString& text, Qt::Orientation axis) {
        QAction* action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(isLogarithmic(axis));
        connect(action, &QAction::toggled, this, [this, axis](bool on) {
            setLogarithmic(axis, on);
            refresh();
            emit logarithmicChanged(axis, on);
        });
    };
    scale(tr("Logarithmic steps"), Qt::Horizontal);
    scale(tr("Logarithmic values"), Qt::Vertical);
}

} // namespace stair
