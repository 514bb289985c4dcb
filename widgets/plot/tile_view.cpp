#include "widgets/plot/tile_view.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace stair {

namespace {

constexpr int leastSide = 56, mostSide = 160; // of a tile among others
constexpr int mostPixel = 28; // of a value
constexpr int gap = 3;
constexpr int margin = 2;
constexpr int shades = 256;

} // namespace

TileView::TileView(QWidget* parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setWhatsThis(
        tr("<p>Maps side by side, a square for each value; the scale beside them says what the "
           "colours mean. Pointing at one tells its value; Page Up and Page Down turn the "
           "page.</p>"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void TileView::setTiles(Tiles tiles, const ColorScale& scale, Describe describe)
{
    const int before = capacity();
    m_tiles = std::move(tiles);
    m_scale = scale;
    m_describe = std::move(describe);
    m_page = {};
    if (m_first >= m_tiles.count)
        m_first = 0;
    update();
    if (capacity() != before)
        emit capacityChanged();
}

void TileView::setFirst(int tile)
{
    m_first = std::clamp(tile, 0, std::max(0, m_tiles.count - 1));
    m_page = {};
    update();
}

double TileView::pixel() const
{
    if (m_tiles.isEmpty())
        return 1;
    if (m_tiles.count > 1) { // as large as shows all of them at once, if that is possible
        const int side = std::max(m_tiles.height, m_tiles.width);
        const int least = std::clamp(leastSide / side, 1, mostPixel);
        for (int pixel = std::clamp(mostSide / side, least, mostPixel); pixel > least; --pixel) {
            const int across = (width() - 2 * margin + gap) / (m_tiles.width * pixel + gap);
            const int down = (height() - 2 * margin + gap) / (m_tiles.height * pixel + gap);
            if (across * down >= m_tiles.count)
                return pixel;
        }
        return least;
    }
    const double fits = std::min(double(width() - 2 * margin) / m_tiles.width,
                                 double(height() - 2 * margin) / m_tiles.height);
    return fits < 1 ? std::max(fits, 1e-3) : std::min(std::floor(fits), double(mostPixel));
}

QSizeF TileView::cell() const
{
    return {m_tiles.width * pixel() + gap, m_tiles.height * pixel() + gap};
}

int TileView::columns() const
{
    return std::max(1, int((width() - 2 * margin + gap) / cell().width()));
}

int TileView::capacity() const
{
    if (m_tiles.count <= 1)
        return 1;
    return columns() * std::max(1, int((height() - 2 * margin + gap) / cell().height()));
}

/// The tiles of the page, a pixel a value, one under the other.
QImage TileView::page() const
{
    const PlotTheme theme = PlotTheme::of(palette());
    std::array<QRgb, shades> colors{};
    for (int i = 0; i < shades; ++i)
        colors[std::size_t(i)]
            = m_scale.at(theme, m_scale.least + (m_scale.most - m_scale.least) * i / (shades - 1))
                  .rgb();
    const int count = std::min(capacity(), m_tiles.count - m_first);
    QImage image(m_tiles.width, m_tiles.height * count, QImage::Format_RGB32);
    const std::size_t start
        = std::size_t(m_first) * std::size_t(m_tiles.height) * std::size_t(m_tiles.width);
    const double reach = m_scale.most > m_scale.least ? m_scale.most - m_scale.least : 1;
    const float* value = m_tiles.values.data() + start;
    for (int y = 0; y < image.height(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < image.width(); ++x, ++value) {
            const double t = std::clamp((double(*value) - m_scale.least) / reach, 0.0, 1.0);
            line[x] = std::isnan(*value) ? theme.background.rgb()
                                         : colors[std::size_t(std::lround(t * (shades - 1)))];
        }
    }
    return image;
}

void TileView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const PlotTheme theme = PlotTheme::of(palette());
    painter.fillRect(rect(), theme.background);
    if (!m_tiles.isEmpty()) {
        if (m_page.isNull())
            m_page = page();
        const QSizeF step = cell();
        const int across = columns();
        painter.setPen(theme.grid);
        for (int i = 0; i < m_page.height() / m_tiles.height; ++i) {
            const QRectF place(margin + (i % across) * step.width(),
                               margin + (i / across) * step.height(), step.width() - gap,
                               step.height() - gap);
            painter.drawRect(place.adjusted(-1, -1, 0, 0));
            painter.drawImage(place, m_page,
                              QRectF(0, i * m_tiles.height, m_tiles.width, m_tiles.height));
        }
    }
    painter.setPen(hasFocus() ? QPen(palette().color(QPalette::Highlight), 2) : QPen(theme.grid));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void TileView::resizeEvent(QResizeEvent*)
{
    m_page = {};
    emit capacityChanged();
}

void TileView::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange)
        m_page = {};
    QWidget::changeEvent(event);
}

void TileView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_PageDown)
        emit pageTurned(1);
    else if (event->key() == Qt::Key_PageUp)
        emit pageTurned(-1);
    else
        QWidget::keyPressEvent(event);
}

void TileView::focusInEvent(QFocusEvent*)
{
    update();
}

void TileView::focusOutEvent(QFocusEvent*)
{
    update();
}

bool TileView::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip || m_tiles.isEmpty())
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QSizeF step = cell();
    const double left = help->pos().x() - margin, top = help->pos().y() - margin;
    const int column = int(left / step.width()), row = int(top / step.height());
    const int x = int((left - column * step.width()) / pixel());
    const int y = int((top - row * step.height()) / pixel());
    const int tile = m_first + row * columns() + column;
    QString text;
    if (left >= 0 && top >= 0 && column < columns() && x < m_tiles.width && y < m_tiles.height
        && tile < std::min(m_tiles.count, m_first + capacity()) && m_describe)
        text = m_describe(tile, y, x);
    if (text.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), text, this);
    return true;
}

} // namespace stair
