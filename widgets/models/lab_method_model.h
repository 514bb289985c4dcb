#pragma once

#include "widgets/models/estimator.h"

#include <QAbstractTableModel>
#include <QIcon>

namespace stair {

/// The methods of the rounding lab, one a row: whether its curves are shown, and what it does to the
/// layer's values.
class LabMethodModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Name, // checkable
        Bits, // in effect
        Flat, // share of the values whose gradient is lost
        Sqnr, // dB
        Columns
    };

    /// Every method of the table that quantizes, with its default parameters.
    explicit LabMethodModel(QObject* parent = nullptr);

    const LabMethod& method(int row) const { return m_rows[std::size_t(row)].method; }
    int rowOf(const std::string& id) const; // -1: unknown
    bool isShown(int row) const { return m_rows[std::size_t(row)].isShown; }
    void setShown(int row, bool shown);

    /// Not signalled as a choice of the user's.
    void setParams(int row, const Json& params);
    void setIcon(int row, const QIcon& icon);

    /// What the last drawing found out. No values: the shares are left empty.
    void setResult(int row, int bits, const QString& problem, const LabEffect& effect);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

signals:
    void shownChanged(); // by setData: the user ticked

private:
    struct Row
    {
        LabMethod method;
        QString title;
        QString help;
        QIcon icon;
        bool isShown = false;
        int bits = 0;
        QString problem;
        LabEffect effect;
    };
    QString text(const Row& row, int column) const;

    std::vector<Row> m_rows;
};

} // namespace stair
