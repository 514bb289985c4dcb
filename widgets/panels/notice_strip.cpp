#include "widgets/panels/notice_strip.h"

#include "widgets/panels/glyphs.h"
#include "widgets/plot/plot_theme.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QToolButton>

namespace stair {

namespace {

constexpr int iconSide = 16;
constexpr int margin = 8;

} // namespace

NoticeStrip::NoticeStrip(QWidget* parent)
    : TintedStrip(parent)
    , m_label(new QLabel)
    , m_close(new QToolButton)
{
    m_label->setWordWrap(true);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_label->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_close->setText(tr("×"));
    m_close->setAutoRaise(true);
    m_close->setToolTip(tr("Hide this message"));
    m_close->setAccessibleName(tr("Hide this message"));
    m_close->hide();
    connect(m_close, &QToolButton::clicked, this, &QWidget::hide);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(margin + iconSide + margin, 6, 6, 6);
    row->addWidget(m_label, 1);
    row->addWidget(m_close, 0, Qt::AlignTop);
    applyColors();
    hide();
}

void NoticeStrip::setClosable(bool closable)
{
    m_close->setVisible(closable);
}

void NoticeStrip::say(Kind kind, const QString& text)
{
    if (kind == m_kind && text == m_text)
        return;
    m_kind = kind;
    m_text = text;
    m_label->setText(text);
    setAccessibleName(text);
    applyColors();
    setVisible(!text.isEmpty());
}

QColor NoticeStrip::tint() const
{
    const QColor base = QApplication::palette().color(QPalette::Window);
    switch (m_kind) {
    case Kind::Error:
        return legible(QColor(0xC6, 0x28, 0x28), base, 3);
    case Kind::Warning:
        return legible(QColor(0xE6, 0x9F, 0x00), base, 3);
    case Kind::News:
        return legible(QColor(0x00, 0x72, 0xB2), base, 3);
    case Kind::Result:
        break;
    }
    return legible(QColor(0x00, 0x9E, 0x73), base, 3);
}

void NoticeStrip::paintEvent(QPaintEvent* event)
{
    TintedStrip::paintEvent(event);
    QPainter painter(this);
    painter.fillRect(QRect(0, 0, 3, height()), tint());
    const Glyph glyph = m_kind == Kind::Error ? Glyph::Error
        : m_kind == Kind::Warning             ? Glyph::Warning
        : m_kind == Kind::News                ? Glyph::Note
                                              : Glyph::Check;
    const QRectF place(margin, margin, iconSide, iconSide);
    paintGlyph(painter, glyph, place, tint());
}

} // namespace stair
