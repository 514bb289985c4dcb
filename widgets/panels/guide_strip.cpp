#include "widgets/panels/guide_strip.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

namespace stair {

GuideStrip::GuideStrip(QWidget* parent)
    : TintedStrip(parent)
    , m_place(new QLabel)
    , m_text(new QLabel)
    , m_buttonRow(new QHBoxLayout)
{
    setObjectName(QStringLiteral("guide"));
    m_place->setObjectName(QStringLiteral("guidePlace"));
    QFont bold = m_place->font();
    bold.setBold(true);
    m_place->setFont(bold);
    m_text->setObjectName(QStringLiteral("guideText"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    auto* close = new QToolButton;
    close->setObjectName(QStringLiteral("guideClose"));
    close->setText(tr("×"));
    close->setAutoRaise(true);
    close->setToolTip(tr("Close the guide; Help > Guided first run brings it back"));
    close->setAccessibleName(tr("Close the guide"));
    connect(close, &QToolButton::clicked, this, &GuideStrip::closed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 6, 6, 6);
    row->setSpacing(12);
    row->addWidget(m_place, 0, Qt::AlignTop);
    row->addWidget(m_text, 1);
    row->addLayout(m_buttonRow);
    row->addWidget(close, 0, Qt::AlignTop);
    applyColors();
    hide();
}

void GuideStrip::show(const QString& place, const QString& text)
{
    for (QPushButton* button : m_buttons)
        button->deleteLater(); // one of them may have been pressed just now
    m_buttons.clear();
    m_place->setText(place);
    m_text->setText(text);
    setAccessibleName(place + QLatin1Char(' ') + text);
    QFrame::show();
}

void GuideStrip::addButton(const QString& objectName, const QString& text)
{
    auto* button = new QPushButton(text);
    button->setObjectName(objectName);
    connect(button, &QPushButton::clicked, this, [this, objectName] { emit clicked(objectName); });
    m_buttons.push_back(button);
    m_buttonRow->addWidget(button);
}

QString GuideStrip::text() const
{
    return m_text->text();
}

QColor GuideStrip::tint() const
{
    return QApplication::palette().color(QPalette::Highlight);
}

} // namespace stair
