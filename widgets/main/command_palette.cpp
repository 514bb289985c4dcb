#include "widgets/main/command_palette.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace stair {

namespace {

constexpr int preferredWidth = 560;
constexpr int preferredHeight = 420;
constexpr int margin = 8;

/// The command, the menu it is in behind it, and the shortcut at the right.
class EntryDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override
    {
        return {100, option.fontMetrics.height() + margin};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        QStyleOptionViewItem item = option;
        initStyleOption(&item, index);
        const QString text = std::exchange(item.text, QString());
        item.widget->style()->drawControl(QStyle::CE_ItemViewItem, &item, painter, item.widget);
        const bool selected = item.state & QStyle::State_Selected;
        const auto group
            = item.state & QStyle::State_Enabled ? QPalette::Active : QPalette::Disabled;
        painter->setPen(
            item.palette.color(group, selected ? QPalette::HighlightedText : QPalette::Text));
        QRect place = item.rect.adjusted(margin, 0, -margin, 0);
        const QString keys = index.data(PaletteModel::KeysRole).toString();
        painter->drawText(place, Qt::AlignRight | Qt::AlignVCenter, keys);
        place.setRight(place.right() - item.fontMetrics.horizontalAdvance(keys) - 2 * margin);
        painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                          item.fontMetrics.elidedText(text, Qt::ElideRight, place.width()));
        place.setLeft(place.left() + item.fontMetrics.horizontalAdvance(text) + 2 * margin);
        if (!selected)
            painter->setPen(item.palette.color(group, QPalette::PlaceholderText));
        painter->drawText(
            place, Qt::AlignLeft | Qt::AlignVCenter,
            item.fontMetrics.elidedText(index.data(PaletteModel::PlaceRole).toString(),
                                        Qt::ElideRight, place.width()));
    }
};

} // namespace

CommandPalette::CommandPalette(QWidget* window)
    : QFrame(window)
    , m_model(new PaletteModel(this))
    , m_edit(new QLineEdit)
    , m_view(new QListView)
    , m_none(new QLabel(tr("No command, preset or run has these letters in this order.")))
{
    setObjectName(QStringLiteral("palette"));
    setFrameShape(QFrame::Panel);
    setAutoFillBackground(true);
    m_edit->setObjectName(QStringLiteral("paletteEdit"));
    m_edit->setAccessibleName(tr("Command"));
    m_edit->setPlaceholderText(tr("Type some letters of a command, a layout, a preset or a run"));
    m_edit->installEventFilter(this);
    m_view->setObjectName(QStringLiteral("paletteList"));
    m_view->setAccessibleName(tr("Commands"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new EntryDelegate(m_view));
    m_view->setUniformItemSizes(true);
    m_view->setFocusPolicy(Qt::NoFocus);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_none->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_none->setMargin(margin);
    auto* inside = new QVBoxLayout(m_view->viewport());
    inside->setContentsMargins(0, 0, 0, 0);
    inside->addWidget(m_none);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(6);
    layout->addWidget(m_edit);
    layout->addWidget(m_view, 1);
    connect(m_edit, &QLineEdit::textChanged, this, &CommandPalette::show);
    connect(m_view, &QListView::clicked, this, &CommandPalette::run);
    hide();
}

void CommandPalette::open(std::vector<PaletteEntry> entries)
{
    m_model->setEntries(std::move(entries));
    m_focusBefore = QApplication::focusWidget();
    const QSize space = parentWidget()->size();
    const QSize size(std::min(preferredWidth, space.width() - 40),
                     std::min(preferredHeight, space.height() - 80));
    setGeometry(QRect(QPoint((space.width() - size.width()) / 2, 36), size));
    m_edit->clear();
    show(QString());
    QFrame::show();
    raise();
    m_edit->setFocus();
}

void CommandPalette::show(const QString& typed)
{
    m_model->setTyped(typed);
    m_none->setVisible(m_model->rowCount() == 0);
    m_view->setCurrentIndex({});
    step(1);
}

/// To the next row that can be done, as far as there is one.
void CommandPalette::step(int rows)
{
    const int direction = rows > 0 ? 1 : -1;
    int row = m_view->currentIndex().isValid() ? m_view->currentIndex().row() : -1;
    QModelIndex found;
    for (int left = std::abs(rows); left > 0;) {
        row += direction;
        const QModelIndex index = m_model->index(row, 0);
        if (!index.isValid())
            break;
        if (index.flags() & Qt::ItemIsEnabled) {
            found = index;
            --left;
        }
    }
    if (found.isValid())
        m_view->setCurrentIndex(found);
}

bool CommandPalette::handleKey(int key)
{
    switch (key) {
    case Qt::Key_Down:
        step(1);
        return true;
    case Qt::Key_Up:
        step(-1);
        return true;
    case Qt::Key_PageDown:
        step(10);
        return true;
    case Qt::Key_PageUp:
        step(-10);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        run(m_view->currentIndex());
        return true;
    case Qt::Key_Escape:
        hide();
        if (m_focusBefore)
            m_focusBefore->setFocus();
        return true;
    default:
        return false;
    }
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress)
        return handleKey(static_cast<QKeyEvent*>(event)->key());
    if (event->type() == QEvent::FocusOut && QApplication::focusWidget() != m_edit)
        hide();
    return QFrame::eventFilter(watched, event);
}

void CommandPalette::run(const QModelIndex& index)
{
    const PaletteEntry* entry = m_model->entry(index);
    if (!entry || !entry->enabled)
        return;
    const std::function<void()> action = entry->run;
    hide();
    if (m_focusBefore)
        m_focusBefore->setFocus();
    action();
}

} // namespace stair
