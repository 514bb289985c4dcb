#include "widgets/forms/slider_row.h"

#include "widgets/forms/number_edit.h"
#include "widgets/forms/param_form.h"

#include <QHBoxLayout>
#include <QSlider>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int positions = 1000; // of a slider over the reals

/// A number of four figures that is not 0.30000000000000004.
double rounded(double value)
{
    if (value == 0 || !std::isfinite(value))
        return value;
    const double unit = std::pow(10.0, 3 - std::floor(std::log10(std::abs(value))));
    return std::round(value * unit) / unit;
}

} // namespace

SliderRow::SliderRow(const QString& name, double least, double most, bool whole, QWidget* parent)
    : QWidget(parent)
    , m_least(least)
    , m_most(most)
    , m_whole(whole)
    , m_logarithmic(least > 0 && most / least > 100)
    , m_slider(new QSlider(Qt::Horizontal))
    , m_field(new NumberEdit(least, most))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_slider, 1);
    layout->addWidget(m_field);
    m_field->setFixedWidth(m_field->fontMetrics().horizontalAdvance(QStringLiteral("0.00001234")));
    m_field->setAccessibleName(name);
    m_slider->setAccessibleName(name);
    m_slider->setRange(0, whole && !m_logarithmic ? int(most - least) : positions);
    m_slider->setPageStep(whole ? 1 : positions / 20);
    guardWheel(m_slider);
    setFocusProxy(m_field);
    setNumber(least);
    connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
        const QSignalBlocker quiet(m_field);
        m_field->setNumber(valueAt(position));
        emit changed(number());
    });
    connect(m_field, &NumberEdit::textEdited, this, [this] {
        if (!m_field->isNumber() || m_field->number() < m_least || m_field->number() > m_most)
            return; // marked there; nothing moves until it is usable
        const QSignalBlocker quiet(m_slider);
        m_slider->setValue(positionOf(m_field->number()));
        emit changed(number());
    });
}

double SliderRow::valueAt(int position) const
{
    const double share = double(position) / std::max(1, m_slider->maximum());
    const double value = m_logarithmic ? m_least * std::pow(m_most / m_least, share)
                                       : m_least + (m_most - m_least) * share;
    return m_whole ? std::round(value) : std::clamp(rounded(value), m_least, m_most);
}

int SliderRow::positionOf(double value) const
{
    const double at = std::clamp(value, m_least, m_most);
    const double share = m_logarithmic ? std::log(at / m_least) / std::log(m_most / m_least)
                                       : (at - m_least) / std::max(1e-300, m_most - m_least);
    return int(std::lround(share * m_slider->maximum()));
}

void SliderRow::setNumber(double value)
{
    const QSignalBlocker quietSlider(m_slider), quietField(m_field);
    m_slider->setValue(positionOf(value));
    const double shown = m_whole ? std::round(value) : rounded(value);
    if (!m_field->isNumber() || rounded(m_field->number()) != shown) // else as it was typed: "0.50"
        m_field->setNumber(shown);
}

double SliderRow::number() const
{
    const double value = m_field->isNumber() ? m_field->number() : valueAt(m_slider->value());
    return std::clamp(value, m_least, m_most);
}

} // namespace stair
