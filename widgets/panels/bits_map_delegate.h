#pragma once

#include <QStyledItemDelegate>

namespace stair {

/// A cell of the layers x bits map: its ground tells how much accuracy the width costs, its number
/// says the same, and a triangle marks what is proposed.
class BitsMapDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
};

} // namespace stair
