#pragma once

#include "widgets/models/race.h"

#include <QAbstractTableModel>

namespace stair {

/// The methods that may race: ticked or not, and why some cannot.
class RaceMethodModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Method, // checkable
        Remark, // why it cannot race, or what it does
        Columns
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// Other entrants, in the table's order. Those that were ticked stay so, also while they cannot
    /// race; the first time STE, ASR and AQE are.
    void setEntrants(const std::vector<RaceEntrant>& entrants);
    const RaceEntrant& entrant(int row) const { return m_rows[std::size_t(row)]; }

    /// Ticked and able to race, in the table's order.
    std::vector<std::string> chosen() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

signals:
    void chosenChanged();

private:
    bool isTicked(const std::string& method) const;

    std::vector<RaceEntrant> m_rows;
    std::vector<std::string> m_ticked;
    bool m_hasBeenFilled = false;
};

} // namespace stair
