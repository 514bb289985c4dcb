#pragma once

#include <QStyledItemDelegate>

namespace stair {

/// Numbers of a column with a pale bar behind each, as long as its share of a maximum.
class BarDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    /// `role` gives a cell's number; one that is not above 0 has no bar.
    explicit BarDelegate(int role, QObject* parent = nullptr);

    void setMaximum(double maximum) { m_maximum = maximum; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

private:
    int m_role;
    double m_maximum = 1;
};

} // namespace stair
