#pragma once

#include <QString>

class QWidget;

namespace stair {

/// Gives a panel, and the controls in it that have more to say than a tool tip, the texts that F1 and
/// “Point at what to explain” show. `dock`: the panel's id in the table of docks.
void explainPanel(const QString& dock, QWidget& panel);

} // namespace stair
