#pragma once

class QModelIndex;
class QTableView;

namespace stair {

/// The current cell where the user has chosen it; invalid without one. A row that is current and not
/// selected has only the focus.
QModelIndex chosenRow(const QTableView& table);

} // namespace stair
