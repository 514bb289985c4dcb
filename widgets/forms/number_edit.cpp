#include "widgets/forms/number_edit.h"

#include "widgets/plot/plot_theme.h"

#include <QApplication>
#include <QHelpEvent>
#include <QLocale>
#include <QToolTip>

namespace stair {

namespace {

/// Independent of the system's language: specs and papers write 0.1.
bool parse(const QString& text, double& value)
{
    bool ok = false;
    value = QLocale::c().toDouble(text.trimmed(), &ok);
    return ok;
}

} // namespace

NumberEdit::NumberEdit(double least, double most, QWidget* parent)
    : QLineEdit(parent)
    , m_least(least)
    , m_most(most)
{
    connect(this, &QLineEdit::textChanged, this, &NumberEdit::check);
}

void NumberEdit::setNumber(double value)
{
    setText(QLocale::c().toString(value, 'g', QLocale::FloatingPointShortest));
    setCursorPosition(0);
    check(); // also when signals are blocked
}

void NumberEdit::setUnchecked(const QString& text)
{
    setText(text);
    check();
}

bool NumberEdit::isNumber() const
{
    double value = 0;
    return parse(text(), value);
}

double NumberEdit::number() const
{
    double value = 0;
    parse(text(), value);
    return value;
}

bool NumberEdit::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip || m_problem.isEmpty())
        return QLineEdit::event(event);
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), m_problem, this);
    return true;
}

void NumberEdit::check()
{
    const bool good = isNumber() && number() >= m_least && number() <= m_most;
    const auto text = [](double value) {
        return QLocale::c().toString(value, 'g', QLocale::FloatingPointShortest);
    };
    m_problem = good ? QString()
        : isNumber() ? tr("%1 is out of range; give a number from %2 to %3")
                           .arg(this->text().trimmed(), text(m_least), text(m_most))
                     : tr("“%1” is no number; give one from %2 to %3")
                           .arg(this->text(), text(m_least), text(m_most));
    setAccessibleDescription(m_problem);
    QFont marked;
    if (!good)
        marked.setUnderline(true);
    setFont(marked);
    QPalette own = QApplication::palette(this);
    if (!good)
        own.setColor(QPalette::Text,
                     legible(QColor(0xC6, 0x28, 0x28), own.color(QPalette::Base), 4.5));
    setPalette(good ? QPalette() : own);
}

} // namespace stair
