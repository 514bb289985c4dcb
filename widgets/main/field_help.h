#pragma once

#include <QString>

class QWidget;

namespace stair {

/// The What's this of a widget, or else its tool tip under its name; empty: it has neither.
QString fieldHelp(const QWidget& widget);

/// Shows the What's this of a widget, or else its tool tip, or those of the nearest that it lies in.
/// False: there is none.
bool showFieldHelp(QWidget* widget);

} // namespace stair
