#pragma once

#include "core/base/json.h"

#include <QObject>

#include <functional>

class QWidget;

namespace stair {

/// How the user left a panel's tables and plots, by their object names: widths of columns, zooms.
Json keptView(const QWidget& panel);

/// Puts what keptView() gave; tables and plots that are not there, or are others now, are passed over.
/// Throws std::exception where it is something else.
void restoreView(QWidget& panel, const Json& kept);

/// Calls `changed` whenever keptView() may give something else. Tables and plots that come later are
/// not watched.
void watchView(const QWidget& panel, QObject* context, const std::function<void()>& changed);

} // namespace stair
