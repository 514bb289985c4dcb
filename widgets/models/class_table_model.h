#pragma once

#include <QAbstractTableModel>

#include <string>
#include <vector>

namespace stair {

/// How many images of each class a data set has, split by split.
class ClassTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        ClassColumn,
        TrainColumn,
        ValidationColumn,
        TestColumn,
        ColumnCount
    };
    static constexpr int CountRole
        = Qt::UserRole + 1; // the number; the class's place in its column

    using QAbstractTableModel::QAbstractTableModel;

    /// One of each class, in order.
    void setCounts(const std::vector<std::string>& names, std::vector<int> train,
                   std::vector<int> validation, std::vector<int> test);

    /// The greatest count of training images.
    int most() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<std::string> m_names;
    std::vector<int> m_counts[3]; // train, validation, test
};

} // namespace stair
