#pragma once

#include "widgets/models/layer_log.h"

#include <QAbstractTableModel>

namespace stair {

/// The layers that the shown runs recorded, one a row, with what their newest records say. Rows stay
/// where they are while the layers do.
class LayerListModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Name,
        Bits, // weights / activations
        Saturated, // the greater of weights and activations
        Sqnr, // the smaller, dB
        Columns
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// The newest record of each run, as far as there is one; the first that knows a layer fills its row.
    void setReports(const std::vector<const LayersReport*>& reports);

    QString layer(int row) const;
    int rowOf(const QString& layer) const; // -1: unknown

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        QString name;
        int weightBits = 0; // 0: float
        int activationBits = 0;
        double saturated = -1; // negative: no grid
        double sqnr = 0;
    };
    static Row makeRow(const LayersReport& report, const LayerParts& parts);
    QString text(const Row& row, int column) const;

    std::vector<Row> m_rows;
};

} // namespace stair
