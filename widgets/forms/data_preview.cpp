#include "widgets/forms/data_preview.h"

#include "widgets/models/run_text.h"
#include "widgets/plot/bar_delegate.h"

#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace stair {

namespace {

constexpr int rowsAtOnce = 10;
constexpr int stripRows = 2;

} // namespace

/// As many images as fit, of all classes in turn.
class SampleStrip : public QWidget
{
public:
    explicit SampleStrip(const SampleModel& samples)
        : m_samples(samples)
    {
        setAccessibleName(DataPreview::tr("Images of all classes in turn"));
        setToolTip(accessibleName());
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

    /// Rows of the model, a class after the other.
    void setRows(std::vector<int> rows, const QSize& image)
    {
        m_rows = std::move(rows);
        m_image = image * std::max(1, 28 / std::max(image.height(), 1));
        setFixedHeight(m_image.isEmpty() ? 0 : stripRows * (m_image.height() + 2));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        if (m_image.isEmpty())
            return;
        QPainter painter(this);
        const int across = std::max(1, width() / (m_image.width() + 2));
        const int count = std::min(int(m_rows.size()), stripRows * across);
        for (int i = 0; i < count; ++i) {
            const QRect place(
                QPoint(i % across * (m_image.width() + 2), i / across * (m_image.height() + 2)),
                m_image);
            painter.drawImage(place,
                              m_samples.index(m_rows[std::size_t(i)])
                                  .data(SampleModel::ImageRole)
                                  .value<QImage>());
        }
    }

private:
    const SampleModel& m_samples;
    std::vector<int> m_rows;
    QSize m_image;
};

namespace {

/// Rows of the first images of each class, the classes in turn.
std::vector<int> rowsInTurn(const SampleModel& samples, int classes, int rounds)
{
    std::vector<std::vector<int>> byClass(std::size_t(std::max(classes, 0)));
    int missing = classes * rounds;
    for (int row = 0; row < samples.rowCount() && missing > 0; ++row) {
        auto& own = byClass[std::size_t(samples.index(row).data(SampleModel::LabelRole).toInt())];
        if (int(own.size()) < rounds) {
            own.push_back(row);
            --missing;
        }
    }
    std::vector<int> rows;
    for (int round = 0; round < rounds; ++round)
        for (const std::vector<int>& own : byClass)
            if (round < int(own.size()))
                rows.push_back(own[std::size_t(round)]);
    return rows;
}

} // namespace

DataPreview::DataPreview(QWidget* parent)
    : QWidget(parent)
    , m_sizes(new QLabel)
    , m_retry(new QPushButton(tr("Try again")))
    , m_strip(new SampleStrip(m_samples))
    , m_table(new QTableView)
    , m_bars(new BarDelegate(ClassTableModel::CountRole, this))
{
    m_sizes->setObjectName(QStringLiteral("dataSizes"));
    m_sizes->setWordWrap(true);
    m_retry->setObjectName(QStringLiteral("dataRetry"));
    m_retry->setToolTip(tr("Opens the data set once more: its files may be there by now"));
    m_retry->setWhatsThis(
        tr("<p><b>Try again</b></p><p>Opens the data set once more: its files may be "
           "there by now.</p>"));
    connect(m_retry, &QPushButton::clicked, this, &DataPreview::retryWanted);
    m_strip->setObjectName(QStringLiteral("dataStrip"));
    m_table->setObjectName(QStringLiteral("classCounts"));
    m_table->setAccessibleName(tr("Images of each class"));
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(&m_classes);
    sorted->setSortRole(ClassTableModel::CountRole);
    m_table->setModel(sorted);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setItemDelegateForColumn(ClassTableModel::TrainColumn, m_bars);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 4);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(ClassTableModel::ClassColumn,
                                                      QHeaderView::Stretch);
    for (int column = ClassTableModel::TrainColumn; column < ClassTableModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, fontMetrics().horizontalAdvance(tr("Validation")) + 14);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_sizes);
    layout->addWidget(m_retry, 0, Qt::AlignLeft);
    layout->addWidget(m_strip);
    layout->addWidget(m_table);
    layout->addStretch(1);
    m_retry->hide();
    showData(nullptr, 0, 0, {});
}

void DataPreview::showData(const std::shared_ptr<const Dataset>& data, int validation,
                           std::uint64_t seed, const QString& problem, bool canRetry)
{
    const bool isOpening = !data && problem.isEmpty(); // the button stays, and the focus with it
    if (!isOpening)
        m_retry->setVisible(!data && canRetry);
    m_strip->setVisible(data != nullptr);
    m_table->setVisible(data != nullptr);
    if (!data) {
        m_sizes->setText(problem.isEmpty() ? tr("The data set is being opened.") : problem);
        m_data.reset();
        return;
    }
    if (data == m_data && validation == m_validation && seed == m_seed)
        return;
    m_data = data;
    m_validation = validation;
    m_seed = seed;
    m_samples.choose({SampleSplit::Train, -1});
    m_samples.setData(data, validation, seed);
    m_classes.setCounts(data->classNames, m_samples.classCounts(SampleSplit::Train),
                        m_samples.classCounts(SampleSplit::Validation),
                        m_samples.classCounts(SampleSplit::Test));
    m_bars->setMaximum(std::max(1, m_classes.most()));
    m_strip->setRows(rowsInTurn(m_samples, data->classes(), 8),
                     QSize(data->train.width, data->train.height));
    const int rows = std::min(rowsAtOnce, m_classes.rowCount());
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() + 4
                            + rows * m_table->verticalHeader()->defaultSectionSize());
    m_sizes->setText(tr("Images of %1 × %2 × %3 in %4 classes: %5 to learn from, %6 held out for "
                        "validation, %7 to test.")
                         .arg(data->train.width)
                         .arg(data->train.height)
                         .arg(data->train.channels)
                         .arg(data->classes())
                         .arg(countText(m_samples.count(SampleSplit::Train)),
                              countText(m_samples.count(SampleSplit::Validation)),
                              countText(m_samples.count(SampleSplit::Test))));
}

} // namespace stair
