#include "widgets/panels/sample_browser.h"

#include "widgets/models/run_text.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace stair {

namespace {

constexpr int gap = 2;

/// An image with every pixel as a square of whole pixels; a frame where it is chosen.
class SampleDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        const auto image = index.data(SampleModel::ImageRole).value<QImage>();
        const int room = std::min((option.rect.width() - gap) / std::max(1, image.width()),
                                  (option.rect.height() - gap) / std::max(1, image.height()));
        QRect place(QPoint(), image.size() * std::max(1, room));
        place.moveCenter(option.rect.center());
        painter->setRenderHint(QPainter::SmoothPixmapTransform, false);
        painter->drawImage(place, image);
        if (!(option.state & (QStyle::State_Selected | QStyle::State_HasFocus)))
            return;
        painter->setPen(QPen(option.palette.color(QPalette::Highlight), gap));
        painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override
    {
        return static_cast<const QListView*>(parent())->gridSize().isValid()
            ? static_cast<const QListView*>(parent())->gridSize()
            : index.data(SampleModel::ImageRole).value<QImage>().size();
    }
};

QComboBox* addBox(QHBoxLayout* layout, const char* name, const QString& accessible)
{
    auto* box = new QComboBox;
    box->setObjectName(QLatin1String(name));
    box->setAccessibleName(accessible);
    box->setToolTip(accessible);
    layout->addWidget(box);
    return box;
}

} // namespace

SampleBrowser::SampleBrowser(QWidget* parent)
    : QWidget(parent)
    , m_view(new QListView)
    , m_message(new QLabel)
    , m_retry(new QPushButton(tr("Try again")))
{
    auto* bar = new QHBoxLayout;
    m_split = addBox(bar, "sampleSplit", tr("Split of the data set"));
    m_class = addBox(bar, "sampleClass", tr("Class of the images"));
    m_class->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_class->setMinimumWidth(90);
    bar->setStretchFactor(m_class, 1);
    m_zoom = addBox(bar, "sampleZoom", tr("Size of the images in the list"));
    for (int zoom = 1; zoom <= 4; ++zoom)
        m_zoom->addItem(tr("%1×").arg(zoom), zoom);
    m_zoom->setCurrentIndex(1);
    m_view->setObjectName(QStringLiteral("samples"));
    m_view->setAccessibleName(tr("Images of the data set"));
    m_view->setModel(&m_model);
    m_view->setItemDelegate(new SampleDelegate(m_view));
    m_view->setFlow(QListView::LeftToRight);
    m_view->setWrapping(true);
    m_view->setResizeMode(QListView::Adjust);
    m_view->setUniformItemSizes(true);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_message->setWordWrap(true);
    m_retry->setObjectName(QStringLiteral("samplesRetry"));
    m_retry->setToolTip(tr("Opens the data set once more: its files may be there by now"));
    connect(m_retry, &QPushButton::clicked, this, &SampleBrowser::retryWanted);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(bar);
    layout->addWidget(m_message);
    layout->addWidget(m_retry, 0, Qt::AlignLeft);
    layout->addWidget(m_view, 1);
    connect(m_split, &QComboBox::activated, this, &SampleBrowser::choose);
    connect(m_class, &QComboBox::activated, this, &SampleBrowser::choose);
    connect(m_zoom, &QComboBox::currentIndexChanged, this, &SampleBrowser::showZoom);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &SampleBrowser::sampleChosen);
    setData(nullptr, 0, 0);
}

void SampleBrowser::setData(const std::shared_ptr<const Dataset>& data, int validation,
                            std::uint64_t seed, const QString& message, bool canRetry)
{
    m_retry->setVisible(!data && canRetry);
    m_message->setText(message);
    m_message->setVisible(!message.isEmpty());
    m_view->setVisible(data != nullptr);
    if (data == m_data && validation == m_validation && seed == m_seed && data)
        return;
    const bool isOther = data != m_data;
    m_data = data;
    m_validation = validation;
    m_seed = seed;
    m_model.setData(data, validation, seed);
    fillSplits();
    if (isOther)
        fillClasses();
    showZoom();
    choose();
}

bool SampleBrowser::offersRetry() const
{
    return !m_retry->isHidden();
}

void SampleBrowser::fillSplits()
{
    const QVariant before = m_split->currentData();
    m_split->clear();
    for (const SampleSplit split :
         {SampleSplit::Test, SampleSplit::Train, SampleSplit::Validation}) {
        if (split != SampleSplit::Validation || m_model.count(split) > 0)
            m_split->addItem(tr("%1: %2").arg(splitText(split), countText(m_model.count(split))),
                             int(split));
    }
    m_split->setCurrentIndex(std::max(0, m_split->findData(before)));
}

void SampleBrowser::fillClasses()
{
    m_class->clear();
    m_class->addItem(tr("all classes"), -1);
    for (int c = 0; m_data && c < m_data->classes(); ++c)
        m_class->addItem(QString::fromStdString(m_data->classNames[std::size_t(c)]), c);
}

void SampleBrowser::choose()
{
    m_model.choose({SampleSplit(m_split->currentData().toInt()), m_class->currentData().toInt()});
    emit sampleChosen();
}

void SampleBrowser::showZoom()
{
    const int zoom = m_zoom->currentData().toInt();
    if (m_data)
        m_view->setGridSize(QSize(m_data->train.width, m_data->train.height) * zoom
                            + QSize(2 * gap, 2 * gap));
}

QModelIndex SampleBrowser::current() const
{
    return m_view->currentIndex();
}

QString SampleBrowser::currentText() const
{
    return current().data(Qt::ToolTipRole).toString();
}

void SampleBrowser::clearCurrent()
{
    const QSignalBlocker quiet(m_view->selectionModel());
    m_view->selectionModel()->clear();
    m_view->viewport()->update();
}

} // namespace stair
