#pragma once

class QWidget;

namespace stair {

/// Shows the What's this of a widget, or else its tool tip, or those of the nearest that it lies in.
/// False: there is none.
bool showFieldHelp(QWidget* widget);

} // namespace stair
