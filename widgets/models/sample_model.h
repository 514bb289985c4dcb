#pragma once

#include "core/data/dataset.h"

#include <QAbstractListModel>
#include <QImage>
#include <QStringList>

#include <cstdint>
#include <memory>
#include <vector>

namespace stair {

enum class SampleSplit
{
    Train, // without the validation images
    Validation,
    Test,
};

/// What of a data set is looked at.
struct SampleChoice
{
    SampleSplit split = SampleSplit::Test;
    int label = -1; // one class alone; negative: all
};

/// Images of a data set, one a row. Pictures are made when they are asked for: a set of any size
/// costs a number an image.
class SampleModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role
    {
        ImageRole = Qt::UserRole + 1, // QImage in the set's own size
        NumberRole, // in the set that the split is of: the validation images are training ones
        LabelRole,
    };

    explicit SampleModel(QObject* parent = nullptr);

    /// `validation` training images, drawn by `seed`, are held out. Null: nothing is there.
    void setData(std::shared_ptr<const Dataset> data, int validation, std::uint64_t seed);
    void choose(const SampleChoice& choice);
    const SampleChoice& choice() const { return m_choice; }
    const Dataset* dataset() const { return m_data.get(); }

    /// Images of a split, all classes.
    int count(SampleSplit split) const;

    /// Images of each class in a split.
    std::vector<int> classCounts(SampleSplit split) const;

    /// The row of an image; -1 where it is not among those chosen.
    int rowOf(int number) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    const std::vector<std::uint32_t>& numbers(SampleSplit split) const
    {
        return m_splits[int(split)];
    }
    const ImageSet& set(SampleSplit split) const
    {
        return split == SampleSplit::Test ? m_data->test : m_data->train;
    }
    void refill();
    QString className(int label) const;

    std::shared_ptr<const Dataset> m_data;
    std::vector<std::uint32_t> m_splits[3]; // image numbers by SampleSplit
    SampleChoice m_choice;
    std::vector<std::uint32_t> m_rows; // image numbers
};

/// "test", "train", "validation" as texts that stand in a sentence.
QString splitText(SampleSplit split);

/// height x width x channels bytes; grey for one channel.
QImage imageOf(const std::uint8_t* pixels, int height, int width, int channels);

} // namespace stair
