#include "widgets/panels/chosen_row.h"

#include <QTableView>

namespace stair {

QModelIndex chosenRow(const QTableView& table)
{
    const QModelIndex current = table.currentIndex();
    return table.selectionModel()->isSelected(current) ? current : QModelIndex();
}

} // namespace stair
