#pragma once

#include "core/base/json.h"

#include <QObject>

#include <functional>

class QWidget;

namespace stair {

/// How the user left a panel's tables and plots, by their object names: widths of columns, zooms.
/// What has no name is not kept: plots whose choices are not kept either, for one.
Json keptView(const QWidget& panel);

/// Puts what keptView() gave, the zooms only where `withZooms`: they fit what was shown. Tables and
/// plots that are not there, or are others now, are passed over. Throws std::exception where it is
/// something else.
void restoreView(QWidget& panel, const Json& kept, bool withZooms);

/// Calls `changed` whenever keptView() may give something else. Tables and plots that come later
/// are not watched.
void watchView(const QWidget& panel, QObject* context, const std::function<void()>& changed);

} // namespace stair
