#include "widgets/plot/bar_delegate.h"

#include "widgets/plot/plot_theme.h"

#include <QPainter>

#include <algorithm>

namespace stair {

BarDelegate::BarDelegate(int role, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_role(role)
{
}

void BarDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const
{
    const double share = index.data(m_role).toDouble() / m_maximum;
    if (share > 0 && !(option.state & QStyle::State_Selected)) {
        QColor color = PlotTheme::of(option.palette).curve(2);
        color.setAlphaF(0.3f);
        QRect bar = option.rect.adjusted(1, 2, -1, -2);
        bar.setWidth(int(bar.width() * std::min(share, 1.0)));
        painter->fillRect(bar, color);
    }
    QStyledItemDelegate::paint(painter, option, index);
}

} // namespace stair
