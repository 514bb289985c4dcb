#pragma once

#include "core/nn/quant_plan.h"
#include "core/quant/quant_spec.h"

#include <QAbstractTableModel>

#include <vector>

namespace stair {

/// The convolution and linear layers of an experiment: what its quantization makes of each, and their
/// widths to be edited. It edits nothing itself: what the user asks for is signalled.
class LayerTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        LayerColumn,
        TypeColumn,
        OutputColumn,
        WeightsColumn,
        MacsColumn,
        WeightBitsColumn, // editable
        SourceBitsColumn, // editable: width of the codes that the layer reads
        KilobytesColumn,
        CostColumn, // share of all bit-operations
        ColumnCount
    };
    enum Role
    {
        SortRole = Qt::UserRole + 1, // numbers as numbers
        WidthsRole, // QVariantList of the widths that the cell may take
    };

    explicit LayerTableModel(QObject* parent = nullptr);

    /// What is shown. An empty plan: nothing is known.
    void setPlan(const QuantPlan& plan, const QuantSpec& quant);
    const QuantPlan& plan() const { return m_plan; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

signals:
    /// Somebody wants this width in a row's cell.
    void widthAsked(int row, int column, int bits);

private:
    QString text(const LayerPlan& layer, int column) const;
    QVariant number(const LayerPlan& layer, int column) const;
    QString toolTip(const LayerPlan& layer, int column) const;
    QVariantList widths(int column) const;

    QuantPlan m_plan;
    QuantSpec m_quant;
};

/// "W4", "float", "half": a width as the tables show it.
QString widthText(int bits);

/// `layers` with these widths for the layers of exactly these names (0: leaves that one as it is).
/// Entries by pattern stay; entries that say nothing any more go.
std::vector<LayerBits> withWidths(std::vector<LayerBits> layers,
                                  const std::vector<std::string>& names, int weightBits,
                                  int activationBits);

} // namespace stair
