#pragma once

#include "widgets/plot/color_scale.h"

#include <QImage>
#include <QWidget>

#include <functional>
#include <vector>

namespace stair {

/// Small maps of one size, tile by tile, row by row; NaN where there is no value.
struct Tiles
{
    int count = 0;
    int height = 0;
    int width = 0;
    std::vector<float> values;

    bool isEmpty() const { return count == 0; }
};

/// Shows tiles side by side, each value as a square of whole pixels, a page at a time. A single tile is
/// made as large as fits. Page Up and Page Down turn the page.
class TileView : public QWidget
{
    Q_OBJECT

public:
    /// The text of one value, for the tool tip.
    using Describe = std::function<QString(int tile, int y, int x)>;

    explicit TileView(QWidget* parent = nullptr);

    void setTiles(Tiles tiles, const ColorScale& scale, Describe describe);
    const Tiles& tiles() const { return m_tiles; }

    /// The tile at the page's upper left.
    void setFirst(int tile);

    /// Tiles that a page holds.
    int capacity() const;

    QSize sizeHint() const override { return {220, 180}; }
    QSize minimumSizeHint() const override { return {90, 70}; }

signals:
    void pageTurned(int pages); // asked for by a key
    void capacityChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override; // tool tips

private:
    double pixel() const; // side of a value
    QSizeF cell() const; // a tile with its gap
    int columns() const;
    QImage page() const;

    Tiles m_tiles;
    ColorScale m_scale;
    Describe m_describe;
    int m_first = 0;
    mutable QImage m_page; // of the tiles shown; null: to be drawn anew
};

} // namespace stair
