#pragma once

#include <QPixmap>
#include <QVector>

namespace stair {

/// A short piece of a curve, for lists: its colour and its dash (PlotTheme::dash).
QPixmap lineSample(const QColor& color, const QVector<qreal>& dash, const QSize& size, qreal scale);

} // namespace stair
