#pragma once

#include "widgets/models/value_table_model.h"

#include <QTableView>

#include <vector>

namespace stair {

class LinePlot;

/// What the curves of some plots have at the cursors A and B, and by how much they differ. Hidden while
/// no cursor is set.
class CursorTable : public QTableView
{
    Q_OBJECT

public:
    explicit CursorTable(QWidget* parent = nullptr);

    /// From now on the cursors of these plots move together, and are told of here.
    void follow(std::vector<LinePlot*> plots);

    /// Reads the curves anew.
    void refresh();

    QSize sizeHint() const override;

private:
    std::vector<ValueTableModel::Row> rowsOf(const LinePlot& plot) const;

    ValueTableModel m_model;
    std::vector<LinePlot*> m_plots;
};

} // namespace stair
