#include "widgets/plot/matrix_view.h"

#include "widgets/plot/picture_menu.h"
#include "widgets/plot/plot_theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stair {

namespace {

constexpr int mostNumbered = 12; // classes whose numbers fit
constexpr int mostNamed = 20;

} // namespace

MatrixView::MatrixView(const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_title(title)
{
    setMinimumSize(160, 180);
    setFocusPolicy(Qt::StrongFocus);
    setWhatsThis(
        tr("<p>How many images of each class (rows) were told as which (columns), darker where "
           "it is a larger share of the row. Arrow keys go from cell to cell; Enter or a "
           "click tells the count. A right click copies and saves the matrix.</p>"));
    setAccessibleName(title);
    installPictureMenu(*this, [this] { return dataText(); });
}

QString MatrixView::dataText() const
{
    QString text = QStringLiteral("label,prediction,count\n");
    for (int row = 0; row < int(m_counts.size()); ++row) {
        for (int column = 0; column < int(m_counts.size()); ++column)
            text += QStringLiteral("%1,%2,%3\n")
                        .arg(quotedField(className(row)), quotedField(className(column)))
                        .arg(m_counts[std::size_t(row)][std::size_t(column)]);
    }
    return text;
}

void MatrixView::setCounts(std::vector<std::vector<qint64>> counts, const QStringList& classes)
{
    m_counts = std::move(counts);
    m_classes = classes;
    const int first = hasFocus() && !m_counts.empty() ? 0 : -1; // the keys begin somewhere
    choose(first, first);
}

QString MatrixView::className(int c) const
{
    return c < m_classes.size() ? m_classes[c] : QString::number(c);
}

MatrixView::Frame MatrixView::frame() const
{
    const QFontMetrics metrics = fontMetrics();
    int names = metrics.height();
    if (int(m_counts.size()) <= mostNamed)
        for (int c = 0; c < int(m_counts.size()); ++c)
            names = std::max(names, metrics.horizontalAdvance(className(c)) + 6);
    const int top = metrics.height() * 2 + 6; // title and the columns' caption
    const double side = std::min(width() - names - 4, height() - top - 4) / double(m_counts.size());
    return {QRectF(names, top, side * double(m_counts.size()), side * double(m_counts.size())),
            side};
}

QString MatrixView::cellText(int row, int column) const
{
    const std::vector<qint64>& line = m_counts[std::size_t(row)];
    const qint64 sum = std::accumulate(line.begin(), line.end(), qint64(0));
    const qint64 count = line[std::size_t(column)];
    return tr("%1 told as %2: %3 of %4 (%5 %)")
        .arg(className(row), className(column))
        .arg(count)
        .arg(sum)
        .arg(sum == 0 ? 0.0 : 100 * double(count) / double(sum), 0, 'f', 1);
}

void MatrixView::choose(int row, int column)
{
    m_row = row;
    m_column = column;
    setAccessibleDescription(row < 0 ? QString() : cellText(row, column));
    update();
}

void MatrixView::tell()
{
    const Frame f = frame();
    const QPointF corner = f.cells.topLeft() + QPointF(m_column + 1, m_row + 1) * f.side;
    QToolTip::showText(mapToGlobal(corner.toPoint()), cellText(m_row, m_column), this);
}

void MatrixView::keyPressEvent(QKeyEvent* event)
{
    const int last = int(m_counts.size()) - 1;
    const auto move = [&](int down, int right) {
        choose(std::clamp(m_row + down, 0, last), std::clamp(m_column + right, 0, last));
    };
    if (m_row < 0)
        QWidget::keyPressEvent(event);
    else if (event->key() == Qt::Key_Up)
        move(-1, 0);
    else if (event->key() == Qt::Key_Down)
        move(1, 0);
    else if (event->key() == Qt::Key_Left)
        move(0, -1);
    else if (event->key() == Qt::Key_Right)
        move(0, 1);
    else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        tell();
    else
        QWidget::keyPressEvent(event);
}

/// At the release: before, it would take a tool tip away.
void MatrixView::mouseReleaseEvent(QMouseEvent* event)
{
    const auto [row, column] = cellAt(event->position());
    if (event->button() != Qt::LeftButton || row < 0)
        return;
    choose(row, column);
    tell();
}

/// The keys begin somewhere.
void MatrixView::focusInEvent(QFocusEvent* event)
{
    if (m_row < 0 && !m_counts.empty())
        choose(0, 0);
    QWidget::focusInEvent(event);
}

void MatrixView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const PlotTheme theme = PlotTheme::of(palette());
    const int line = fontMetrics().height();
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRect(0, 0, width(), line), Qt::AlignLeft | Qt::AlignVCenter, m_title);
    if (m_counts.empty())
        return;
    const Frame f = frame();
    painter.drawText(QRectF(f.cells.left(), line, f.cells.width(), line + 4), Qt::AlignCenter,
                     tr("told as →"));
    const int classes = int(m_counts.size());
    for (int row = 0; row < classes; ++row) {
        const std::vector<qint64>& counts = m_counts[std::size_t(row)];
        const double sum = std::max(1.0, std::accumulate(counts.begin(), counts.end(), 0.0));
        const double top = f.cells.top() + row * f.side;
        if (classes <= mostNamed) {
            painter.setPen(palette().color(QPalette::WindowText));
            painter.drawText(QRectF(0, top, f.cells.left() - 4, f.side),
                             Qt::AlignRight | Qt::AlignVCenter, className(row));
        }
        for (int column = 0; column < classes; ++column) {
            const qint64 count = counts[std::size_t(column)];
            const double share = double(count) / sum;
            const QRectF cell(f.cells.left() + column * f.side, top, f.side, f.side);
            // Right answers and mistakes in two hues; the number says the same.
            const QColor fill
                = blend(theme.background, theme.curve(row == column ? 2 : 1), std::sqrt(share));
            painter.fillRect(cell, fill);
            if (classes <= mostNumbered && count > 0) {
                painter.setPen(legible(theme.text, fill, 4.5));
                painter.drawText(cell, Qt::AlignCenter, QString::number(count));
            }
        }
    }
    painter.setPen(theme.axis);
    painter.drawRect(f.cells);
    if (hasFocus() && m_row >= 0) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 3));
        const QPointF corner = f.cells.topLeft() + QPointF(m_column, m_row) * f.side;
        painter.drawRect(QRectF(corner, QSizeF(f.side, f.side)));
    }
}

std::pair<int, int> MatrixView::cellAt(const QPointF& place) const
{
    if (m_counts.empty())
        return {-1, -1};
    const Frame f = frame();
    const QPointF at = place - f.cells.topLeft();
    const int row = int(at.y() / f.side), column = int(at.x() / f.side);
    const int classes = int(m_counts.size());
    if (at.x() < 0 || at.y() < 0 || row >= classes || column >= classes)
        return {-1, -1};
    return {row, column};
}

bool MatrixView::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip || m_counts.empty())
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto [row, column] = cellAt(help->pos());
    if (row < 0)
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), cellText(row, column), this);
    return true;
}

} // namespace stair
