#include "widgets/models/sample_model.h"

#include "core/data/batch_loader.h"

#include <algorithm>
#include <numeric>

namespace stair {

QString splitText(SampleSplit split)
{
    switch (split) {
    case SampleSplit::Train:
        return SampleModel::tr("training");
    case SampleSplit::Validation:
        return SampleModel::tr("validation");
    case SampleSplit::Test:
        break;
    }
    return SampleModel::tr("test");
}

QImage imageOf(const std::uint8_t* pixels, int height, int width, int channels)
{
    QImage image(width, height, QImage::Format_RGB32);
    for (int y = 0; y < height; ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < width; ++x) {
            const std::uint8_t* p = pixels + (std::ptrdiff_t(y) * width + x) * channels;
            line[x] = channels >= 3 ? qRgb(p[0], p[1], p[2]) : qRgb(p[0], p[0], p[0]);
        }
    }
    return image;
}

SampleModel::SampleModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

void SampleModel::setData(std::shared_ptr<const Dataset> data, int validation, std::uint64_t seed)
{
    beginResetModel();
    m_data = std::move(data);
    for (auto& numbers : m_splits)
        numbers.clear();
    if (m_data) {
        const int held = std::clamp(validation, 0, m_data->train.count());
        Split split = splitValidation(m_data->train, held, seed);
        m_splits[int(SampleSplit::Train)] = std::move(split.train);
        m_splits[int(SampleSplit::Validation)] = std::move(split.validation);
        for (const SampleSplit drawn : {SampleSplit::Train, SampleSplit::Validation})
            std::ranges::sort(m_splits[int(drawn)]);
        auto& test = m_splits[int(SampleSplit::Test)];
        test.resize(std::size_t(m_data->test.count()));
        std::iota(test.begin(), test.end(), 0u);
    }
    refill();
    endResetModel();
}

void SampleModel::choose(const SampleChoice& choice)
{
    if (choice.split == m_choice.split && choice.label == m_choice.label)
        return;
    beginResetModel();
    m_choice = choice;
    refill();
    endResetModel();
}

void SampleModel::refill()
{
    m_rows.clear();
    if (!m_data)
        return;
    const ImageSet& images = set(m_choice.split);
    std::ranges::copy_if(numbers(m_choice.split), std::back_inserter(m_rows),
                         [&](std::uint32_t number) {
                             return m_choice.label < 0 || images.labels[number] == m_choice.label;
                         });
}

int SampleModel::count(SampleSplit split) const
{
    return int(numbers(split).size());
}

std::vector<int> SampleModel::classCounts(SampleSplit split) const
{
    if (!m_data)
        return {};
    std::vector<int> counts(std::size_t(m_data->classes()));
    for (const std::uint32_t number : numbers(split))
        ++counts[set(split).labels[number]];
    return counts;
}

int SampleModel::rowOf(int number) const
{
    const auto found = std::ranges::lower_bound(m_rows, std::uint32_t(number));
    return found != m_rows.end() && int(*found) == number ? int(found - m_rows.begin()) : -1;
}

QString SampleModel::className(int label) const
{
    return QString::fromStdString(m_data->classNames[std::size_t(label)]);
}

int SampleModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

QVariant SampleModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int number = int(m_rows[std::size_t(index.row())]);
    const ImageSet& images = set(m_choice.split);
    const int label = images.labels[std::size_t(number)];
    switch (role) {
    case ImageRole:
        return imageOf(images.image(number).data(), images.height, images.width, images.channels);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return m_choice.split == SampleSplit::Test
            ? tr("%1, image %2 of the test set").arg(className(label)).arg(number)
            : tr("%1, image %2 of the training set").arg(className(label)).arg(number);
    case NumberRole:
        return number;
    case LabelRole:
        return label;
    default:
        return {};
    }
}

} // namespace stair
