#include "widgets/panels/lab_params.h"

#include "widgets/forms/param_form.h"
#include "widgets/forms/slider_row.h"
#include "widgets/plot/plot_theme.h"

#include <QEvent>
#include <QFormLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <cmath>

namespace stair {

namespace {

bool isNumber(const ParamSpec& spec)
{
    return spec.type == ParamSpec::Type::Integer || spec.type == ParamSpec::Type::Real;
}

QString tipOf(const ParamSpec& spec)
{
    QString tip = LabParams::tr("<p>%1</p><p>From %2 to %3, default %4.</p>")
                      .arg(QString::fromStdString(spec.help).toHtmlEscaped())
                      .arg(spec.least)
                      .arg(spec.most)
                      .arg(std::get<double>(spec.fallback));
    if (!spec.source.empty())
        tip += LabParams::tr("<p>Source: %1</p>")
                   .arg(QString::fromStdString(spec.source).toHtmlEscaped());
    return tip;
}

} // namespace

LabParams::LabParams(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel)
    , m_numbers(makeFormLayout())
    , m_others(new ParamForm)
    , m_problem(new QLabel)
{
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_problem->setObjectName(QStringLiteral("problem"));
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_title);
    layout->addLayout(m_numbers);
    layout->addWidget(m_others);
    layout->addWidget(m_problem);
    m_problem->hide();
    colourProblem();
    connect(m_others, &ParamForm::changed, this, &LabParams::changed);
}

void LabParams::setMethod(const QString& title, const std::vector<ParamSpec>& params,
                          const Json& values)
{
    m_title->setText(params.empty() ? tr("%1 has no parameters").arg(title) : title);
    while (m_numbers->rowCount() > 0)
        m_numbers->removeRow(0);
    m_sliders.clear();
    m_specs = params;
    std::vector<ParamSpec> others;
    for (const ParamSpec& spec : params) {
        if (!isNumber(spec)) {
            others.push_back(spec);
            continue;
        }
        const QString name = QString::fromStdString(spec.title);
        auto* row
            = new SliderRow(name, spec.least, spec.most, spec.type == ParamSpec::Type::Integer);
        row->setObjectName(QString::fromStdString(spec.name));
        row->setToolTip(tipOf(spec));
        row->setNumber(values.value(spec.name, std::get<double>(spec.fallback)));
        connect(row, &SliderRow::changed, this, &LabParams::changed);
        auto* label = new QLabel(name);
        label->setToolTip(tipOf(spec));
        label->setBuddy(row);
        label->setMinimumWidth(labelWidth(label));
        m_numbers->addRow(label, row);
        m_sliders[spec.name] = row;
    }
    m_others->setParams(others);
    m_others->setValues(values);
}

Json LabParams::values() const
{
    Json values = m_others->values();
    for (const ParamSpec& spec : m_specs) {
        const auto row = m_sliders.find(spec.name);
        if (row == m_sliders.end())
            continue;
        const double number = row->second->number();
        values[spec.name] = spec.type == ParamSpec::Type::Integer
            ? Json(std::int64_t(std::llround(number)))
            : Json(number);
    }
    return values;
}

SliderRow* LabParams::slider(const std::string& name) const
{
    const auto row = m_sliders.find(name);
    return row != m_sliders.end() ? row->second : nullptr;
}

void LabParams::setProblem(const QString& problem)
{
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
}

void LabParams::colourProblem()
{
    QPalette own;
    own.setColor(QPalette::WindowText,
                 legible(QColor(0xC6, 0x28, 0x28), palette().color(QPalette::Window), 4.5));
    m_problem->setPalette(own);
}

void LabParams::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        colourProblem();
}

} // namespace stair
