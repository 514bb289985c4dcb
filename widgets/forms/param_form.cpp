#include "widgets/forms/param_form.h"

#include "widgets/forms/number_edit.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QFormLayout>
#include <QLabel>
#include <QSpinBox>

#include <algorithm>
#include <cmath>
#include <limits>

namespace stair {

namespace {

using Type = ParamSpec::Type;

QString fromUtf8(const std::string& text)
{
    return QString::fromStdString(text);
}

/// Beyond what QSpinBox holds; a double holds whole numbers up to 2^53.
bool isWide(const ParamSpec& param)
{
    return param.least < std::numeric_limits<int>::min()
        || param.most > std::numeric_limits<int>::max();
}

QString numberText(const ParamSpec& param, double number)
{
    return param.type == Type::Integer ? QString::number(std::llround(number))
                                       : QString::number(number);
}

QString defaultText(const ParamSpec& param)
{
    if (const auto* number = std::get_if<double>(&param.fallback))
        return numberText(param, *number);
    if (const auto* flag = std::get_if<bool>(&param.fallback))
        return *flag ? ParamForm::tr("on") : ParamForm::tr("off");
    return fromUtf8(std::get<std::string>(param.fallback));
}

QString tipOf(const ParamSpec& param, const std::string& fallbackSource)
{
    QString tip = QStringLiteral("<p>%1</p>").arg(fromUtf8(param.help).toHtmlEscaped());
    const bool number = param.type == Type::Integer || param.type == Type::Real;
    const QString fallback = ParamForm::tr("default %1").arg(defaultText(param).toHtmlEscaped());
    if (number)
        tip += ParamForm::tr("<p>From %1 to %2, %3.</p>")
                   .arg(numberText(param, param.least), numberText(param, param.most), fallback);
    else
        tip += QStringLiteral("<p>%1</p>").arg(fallback);
    const std::string& source = param.source.empty() ? fallbackSource : param.source;
    if (!source.empty())
        tip += ParamForm::tr("<p>Source: %1</p>").arg(fromUtf8(source).toHtmlEscaped());
    return tip + ParamForm::tr("<p>Key in specs: <code>%1</code></p>").arg(fromUtf8(param.name));
}

class WheelGuard : public QObject
{
public:
    using QObject::QObject;

    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() != QEvent::Wheel || static_cast<QWidget*>(watched)->hasFocus())
            return false;
        event->ignore(); // so that the scroll area gets it
        return true;
    }
};

} // namespace

QFormLayout* makeFormLayout(QWidget* parent)
{
    auto* form = new QFormLayout(parent);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(12);
    form->setVerticalSpacing(4);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return form;
}

QComboBox* makeChoiceBox()
{
    auto* box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    guardWheel(box);
    return box;
}

int labelWidth(const QWidget* label)
{
    return label->fontMetrics().horizontalAdvance(QStringLiteral("Pause at saturation"));
}

void guardWheel(QWidget* widget)
{
    widget->setFocusPolicy(Qt::StrongFocus);
    widget->installEventFilter(new WheelGuard(widget));
}

ParamForm::ParamForm(QWidget* parent)
    : QWidget(parent)
    , m_form(makeFormLayout(this))
{
}

void ParamForm::setParams(const std::vector<ParamSpec>& params, const std::string& source)
{
    while (m_form->rowCount() > 0)
        m_form->removeRow(0);
    m_params = params;
    m_editors.clear();
    for (const ParamSpec& param : m_params) {
        QWidget* editor = makeEditor(param);
        editor->setObjectName(fromUtf8(param.name));
        const QString tip = tipOf(param, source);
        const QString title
            = QStringLiteral("<p><b>%1</b></p>").arg(fromUtf8(param.title).toHtmlEscaped());
        editor->setToolTip(tip);
        editor->setWhatsThis(title + tip);
        editor->setAccessibleName(fromUtf8(param.title));
        const QString unit = param.unit.empty() ? QString() : tr(" (%1)").arg(fromUtf8(param.unit));
        auto* label = new QLabel(fromUtf8(param.title) + unit);
        label->setToolTip(tip);
        label->setWhatsThis(title + tip);
        label->setBuddy(editor);
        label->setMinimumWidth(labelWidth(label));
        m_form->addRow(label, editor);
        m_editors.push_back(editor);
    }
    setVisible(!m_params.empty());
}

QWidget* ParamForm::makeInteger(const ParamSpec& param)
{
    QAbstractSpinBox* made = nullptr;
    if (isWide(param)) {
        auto* box = new QDoubleSpinBox;
        box->setDecimals(0);
        box->setRange(param.least, param.most);
        box->setMinimumWidth(QSpinBox().sizeHint().width()); // not its longest number's
        connect(box, &QDoubleSpinBox::valueChanged, this, &ParamForm::changed);
        made = box;
    } else {
        auto* box = new QSpinBox;
        box->setRange(int(param.least), int(param.most));
        connect(box, &QSpinBox::valueChanged, this, &ParamForm::changed);
        made = box;
    }
    guardWheel(made);
    setValue(param, made, std::get<double>(param.fallback));
    return made;
}

QWidget* ParamForm::makeEditor(const ParamSpec& param)
{
    if (param.type == Type::Integer)
        return makeInteger(param);
    if (param.type == Type::Flag) {
        auto* box = new QCheckBox;
        setValue(param, box, std::get<bool>(param.fallback));
        connect(box, &QCheckBox::toggled, this, &ParamForm::changed);
        return box;
    }
    if (param.type == Type::Choice) {
        auto* box = makeChoiceBox();
        for (const std::string& choice : param.choices)
            box->addItem(fromUtf8(choice));
        setValue(param, box, std::get<std::string>(param.fallback));
        connect(box, &QComboBox::currentIndexChanged, this, &ParamForm::changed);
        return box;
    }
    const bool real = param.type == Type::Real;
    auto* edit = real ? new NumberEdit(param.least, param.most) : new QLineEdit;
    std::visit([&](const auto& fallback) { setValue(param, edit, fallback); }, param.fallback);
    connect(edit, &QLineEdit::textChanged, this, &ParamForm::changed);
    return edit;
}

Json ParamForm::valueOf(const ParamSpec& param, const QWidget* editor)
{
    switch (param.type) {
    case Type::Integer:
        if (isWide(param))
            return std::llround(static_cast<const QDoubleSpinBox*>(editor)->value());
        return static_cast<const QSpinBox*>(editor)->value();
    case Type::Flag:
        return static_cast<const QCheckBox*>(editor)->isChecked();
    case Type::Choice:
        return static_cast<const QComboBox*>(editor)->currentText().toStdString();
    case Type::Text:
        break;
    case Type::Real:
        const auto* edit = static_cast<const NumberEdit*>(editor);
        if (edit->isNumber())
            return edit->number();
        break;
    }
    return static_cast<const QLineEdit*>(editor)->text().toStdString();
}

void ParamForm::setValue(const ParamSpec& param, QWidget* editor, const Json& value)
{
    const QSignalBlocker quiet(editor);
    if (param.type == Type::Integer && value.is_number() && isWide(param))
        static_cast<QDoubleSpinBox*>(editor)->setValue(value.get<double>());
    else if (param.type == Type::Integer && value.is_number())
        static_cast<QSpinBox*>(editor)->setValue(
            int(std::lround(std::clamp(value.get<double>(), param.least, param.most))));
    else if (param.type == Type::Flag && value.is_boolean())
        static_cast<QCheckBox*>(editor)->setChecked(value.get<bool>());
    else if (param.type == Type::Choice && value.is_string())
        static_cast<QComboBox*>(editor)->setCurrentText(fromUtf8(value.get<std::string>()));
    else if (param.type == Type::Real && value.is_number())
        static_cast<NumberEdit*>(editor)->setNumber(value.get<double>());
    else if (param.type == Type::Real && value.is_string())
        static_cast<NumberEdit*>(editor)->setUnchecked(fromUtf8(value.get<std::string>()));
    else if (param.type == Type::Text && value.is_string())
        static_cast<QLineEdit*>(editor)->setText(fromUtf8(value.get<std::string>()));
}

Json ParamForm::values() const
{
    Json json = Json::object();
    for (std::size_t i = 0; i < m_params.size(); ++i)
        json[m_params[i].name] = valueOf(m_params[i], m_editors[i]);
    return json;
}

void ParamForm::setValues(const Json& values)
{
    for (std::size_t i = 0; i < m_params.size(); ++i) {
        if (const auto value = values.find(m_params[i].name); value != values.end())
            setValue(m_params[i], m_editors[i], *value);
    }
}

QWidget* ParamForm::editor(const std::string& name) const
{
    for (std::size_t i = 0; i < m_params.size(); ++i) {
        if (m_params[i].name == name)
            return m_editors[i];
    }
    return nullptr;
}

} // namespace stair
