#include "widgets/forms/fold_box.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace stair {

FoldBox::FoldBox(const QString& title, QWidget* content, QWidget* parent)
    : QWidget(parent)
    , m_title(new QToolButton)
    , m_summary(new QLabel)
    , m_content(content)
{
    m_title->setText(title);
    m_title->setAutoRaise(true);
    m_title->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_title->setArrowType(Qt::DownArrow);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* head = new QHBoxLayout;
    head->setSpacing(6);
    head->addWidget(m_title);
    head->addWidget(m_summary, 1);
    auto* inset = new QHBoxLayout;
    inset->setContentsMargins(12, 0, 6, 6);
    inset->addWidget(m_content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(head);
    layout->addLayout(inset);
    connect(m_title, &QToolButton::clicked, this, [this] { setFolded(!m_folded); });
}

void FoldBox::setSummary(const QString& summary)
{
    m_text = summary;
    showSummary();
}

void FoldBox::setFolded(bool folded)
{
    m_folded = folded;
    m_content->setVisible(!folded);
    m_title->setArrowType(folded ? Qt::RightArrow : Qt::DownArrow);
    showSummary();
}

void FoldBox::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    showSummary();
}

void FoldBox::showSummary()
{
    const QString text = m_folded ? m_text : QString();
    m_summary->setText(
        m_summary->fontMetrics().elidedText(text, Qt::ElideRight, m_summary->width()));
    m_summary->setToolTip(text);
}

} // namespace stair
