#pragma once

#include <QAbstractTableModel>
#include <QStringList>

#include <vector>

namespace stair {

/// A table of values that are there all at once: texts stand left, numbers right. A cell's number is
/// what it sorts by; its text is what is shown.
class ValueTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    struct Cell
    {
        QString text;
        QVariant sort = {}; // absent: the text, and the cell stands left
        QString toolTip = {};
    };
    using Row = std::vector<Cell>;

    static constexpr int SortRole = Qt::UserRole + 1;

    /// `helps`: tool tips of the headers; as many as headers, or none.
    explicit ValueTableModel(QStringList headers, QStringList helps = {},
                             QObject* parent = nullptr);

    /// Each as long as the headers.
    void setRows(std::vector<Row> rows);
    const std::vector<Row>& rows() const { return m_rows; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// The whole table as comma-separated values.
    QString toCsv() const;

private:
    QStringList m_headers;
    QStringList m_helps;
    std::vector<Row> m_rows;
};

} // namespace stair
