#include "widgets/forms/number_edit.h"

#include "widgets/plot/plot_theme.h"

#include <QApplication>
#include <QLocale>

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

void NumberEdit::check()
{
    const bool good = isNumber() && number() >= m_least && number() <= m_most;
    QPalette own = QApplication::palette(this);
    if (!good)
        own.setColor(QPalette::Text,
                     legible(QColor(0xC6, 0x28, 0x28), own.color(QPalette::Base), 4.5));
    setPalette(good ? QPalette() : own);
}

} // namespace stair
