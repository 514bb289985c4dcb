#include "widgets/panels/run_delegate.h"

#include "widgets/models/run_list_model.h"
#include "widgets/models/run_style.h"
#include "widgets/models/run_text.h"
#include "widgets/plot/plot_theme.h"

#include <QApplication>
#include <QPainter>

namespace stair {

namespace {

constexpr int margin = 6;
constexpr int swatchWidth = 22;

void paintBar(QPainter& painter, const QRect& place, double share, const QColor& ink,
              const QColor& ground)
{
    const QRectF track(place.left(), place.center().y() - 2, place.width(), 5);
    QColor rest = ink;
    rest.setAlphaF(0.25f);
    painter.fillRect(track, rest);
    painter.fillRect(QRectF(track.topLeft(), QSizeF(track.width() * share, track.height())),
                     legible(ink, ground, 3));
}

QString stateLine(const QModelIndex& index)
{
    const double left = index.data(RunListModel::RemainingRole).toDouble();
    const auto state = RunState(index.data(RunListModel::StateRole).toInt());
    if (state == RunState::Running && left >= 0)
        return RunDelegate::tr("%1 left").arg(durationText(left));
    return index.data(RunListModel::StateTextRole).toString();
}

} // namespace

QSize RunDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const
{
    return {120, 2 * option.fontMetrics.height() + 3 * margin};
}

void RunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const
{
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    item.text.clear();
    const QWidget* widget = item.widget;
    QStyle* style = widget ? widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &item, painter, widget);

    const bool selected = item.state & QStyle::State_Selected;
    const QColor ink = item.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
    const QColor ground = item.palette.color(selected ? QPalette::Highlight : QPalette::Base);
    const int height = item.fontMetrics.height();
    const QRect inner = item.rect.adjusted(margin, margin, -margin, -margin);
    QRect upper(inner.left(), inner.top(), inner.width(), height);
    QRect lower(inner.left(), inner.bottom() + 1 - height, inner.width(), height);

    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QVariant best = index.data(RunListModel::BestRole);
    const int bestWidth = item.fontMetrics.horizontalAdvance(percentText(1));
    painter->setPen(ink);
    if (best.isValid())
        painter->drawText(upper, Qt::AlignRight | Qt::AlignVCenter, percentText(best.toDouble()));
    upper.setRight(upper.right() - bestWidth - margin);
    painter->drawText(
        upper, Qt::AlignLeft | Qt::AlignVCenter,
        item.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, upper.width()));

    const RunStyle look
        = methodStyle(index.data(RunListModel::MethodRole).toString().toStdString());
    PlotTheme theme = PlotTheme::of(item.palette);
    theme.background = ground;
    theme.text = ink;
    QPen pen(theme.curve(look.hue), 2);
    if (const QVector<qreal> dash = PlotTheme::dash(look.dash); !dash.isEmpty())
        pen.setDashPattern(dash);
    painter->setPen(pen);
    painter->drawLine(QPointF(lower.left(), lower.center().y() + 0.5),
                      QPointF(lower.left() + swatchWidth, lower.center().y() + 0.5));
    painter->setPen(ink);
    painter->drawText(lower, Qt::AlignRight | Qt::AlignVCenter, stateLine(index));
    const int stateWidth = item.fontMetrics.horizontalAdvance(tr("0:00:00 left"));
    lower.adjust(swatchWidth + 2 * margin, 0, -stateWidth - margin, 0);
    paintBar(*painter, lower, index.data(RunListModel::ProgressRole).toDouble(), ink, ground);
    painter->restore();
}

} // namespace stair
