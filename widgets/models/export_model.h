#pragma once

#include "core/base/json.h"

#include <QAbstractTableModel>

#include <vector>

namespace stair {

/// The formats that a model can leave in, a row each: which are chosen, how large they are, what came
/// of them.
class ExportModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        FormatColumn, // checkable where the model can take it
        SizeColumn,
        SmallerColumn,
        PurposeColumn,
        ColumnCount
    };

    explicit ExportModel(QObject* parent = nullptr);

    /// What `stair export --sizes` found; null: not known.
    void setSizes(const Json& document);
    bool hasSizes() const { return m_hasSizes; }

    /// Ids of the chosen formats, in order.
    std::vector<std::string> chosen() const;

    /// Chooses this format alone.
    void choose(const std::string& id);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

signals:
    void choiceChanged();

private:
    struct Row
    {
        bool isChosen = false;
        QString refusal; // why the model cannot have it
        qint64 bytes = -1; // not known
    };

    QVariant text(const QModelIndex& index) const;

    std::vector<Row> m_rows; // as exportFormats()
    double m_floatBytes = 0;
    bool m_hasSizes = false;
};

} // namespace stair
