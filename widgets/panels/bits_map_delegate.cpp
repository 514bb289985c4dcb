#include "widgets/panels/bits_map_delegate.h"

#include "widgets/models/bits_map_model.h"
#include "widgets/plot/plot_theme.h"

#include <QPainter>
#include <QPolygonF>

#include <cmath>

namespace stair {

namespace {

/// At the side that the text leaves free.
void paintMark(QPainter* painter, const QRect& rect, bool isLeft, const QColor& ink)
{
    const QPointF tip(isLeft ? rect.left() + 11 : rect.right() - 4, rect.center().y() + 0.5);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(ink);
    painter->drawPolygon(QPolygonF({tip, tip + QPointF(-7, -5), tip + QPointF(-7, 5)}));
    painter->restore();
}

} // namespace

void BitsMapDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                            const QModelIndex& index) const
{
    const QVariant heat = index.data(BitsMapModel::HeatRole);
    const bool isProposed = index.data(BitsMapModel::ProposedRole).toBool();
    if (!heat.isValid()) {
        QStyledItemDelegate::paint(painter, option, index);
        const bool isSelected = option.state & QStyle::State_Selected;
        if (isProposed)
            paintMark(
                painter, option.rect, false,
                option.palette.color(isSelected ? QPalette::HighlightedText : QPalette::Text));
        return;
    }
    const PlotTheme theme = PlotTheme::of(option.palette);
    // Small losses show too.
    const QColor ground = blend(theme.background, theme.curve(1), std::sqrt(heat.toDouble()));
    const QColor ink = legible(theme.text, ground, 4.5);
    painter->fillRect(option.rect, ground);
    painter->setPen(ink);
    painter->drawText(option.rect.adjusted(4, 0, -6, 0), Qt::AlignRight | Qt::AlignVCenter,
                      index.data().toString());
    if (option.state & QStyle::State_Selected) {
        painter->setPen(QPen(theme.text, 2));
        painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
    }
    if (isProposed)
        paintMark(painter, option.rect, true, ink);
}

} // namespace stair
