#include "widgets/forms/quant_form.h"

#include "core/quant/methods.h"
#include "widgets/forms/choice_form.h"
#include "widgets/forms/fold_box.h"
#include "widgets/forms/param_form.h"
#include "widgets/forms/schedule_fields.h"
#include "widgets/forms/spec_fields.h"

#include <QCheckBox>
#include <QVBoxLayout>

namespace stair {

QuantForm::QuantForm(QWidget* parent)
    : QWidget(parent)
    , m_method(new ChoiceForm(tr("Method"), choiceRows(methods())))
    , m_fields(new ParamForm)
    , m_schedule(new ParamForm)
    , m_scheduleBox(new FoldBox(tr("Changes on the way"), m_schedule))
    , m_compare(new QCheckBox(tr("Train in float as well, to compare")))
{
    m_method->setObjectName(QStringLiteral("method"));
    m_fields->setObjectName(QStringLiteral("quantFields"));
    m_schedule->setObjectName(QStringLiteral("quantSchedule"));
    m_schedule->setParams(scheduleFields());
    m_scheduleBox->setFolded(true);
    m_compare->setObjectName(QStringLiteral("compare"));
    m_compare->setToolTip(tr("Starts a second run beside this one: the same data, network and "
                             "training, without quantization. The results name the gap."));
    m_compare->setWhatsThis(
        tr("<p><b>Train in float as well</b></p><p>A second run beside this one, with the same "
           "data, network and training, but without quantization: what the widths cost is the gap "
           "between the two on the test images.</p>"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_method);
    layout->addWidget(m_fields);
    layout->addWidget(m_scheduleBox);
    layout->addWidget(m_compare);
    showMethod();
    connect(m_method, &ChoiceForm::chosen, this, &QuantForm::showMethod);
    connect(m_method, &ChoiceForm::changed, this, &QuantForm::changed);
    connect(m_fields, &ParamForm::changed, this, &QuantForm::changed);
    connect(m_schedule, &ParamForm::changed, this, &QuantForm::showSchedule);
    connect(m_schedule, &ParamForm::changed, this, &QuantForm::changed);
    connect(m_compare, &QCheckBox::toggled, this, &QuantForm::changed);
}

bool QuantForm::isFloat() const
{
    return m_method->id().empty() || !quantizes(stair::method(m_method->id()));
}

/// Another method offers other widths; those it shares with the last one stay chosen. The width of
/// gradients is each method's own choice.
void QuantForm::showMethod()
{
    Json before = m_fields->values();
    before.erase("gradients");
    m_fields->setParams(m_method->id().empty() ? std::vector<ParamSpec>()
                                               : quantFields(stair::method(m_method->id())));
    m_fields->setValues(before);
    m_compare->setVisible(!isFloat());
    m_scheduleBox->setVisible(!isFloat());
    showSchedule();
}

/// Folded, the box tells whether anything changes.
void QuantForm::showSchedule()
{
    const bool changes = m_schedule->values() != scheduleValues({});
    m_scheduleBox->setSummary(changes ? tr("some") : tr("none"));
}

void QuantForm::load(const QuantSpec& quant)
{
    m_loaded = quant;
    m_schedule->setValues(scheduleValues(quant.schedule));
    m_method->set(quant.method, quant.params.toJson());
    showMethod();
    m_fields->setValues(quantValues(quant));
}

void QuantForm::store(QuantSpec& quant) const
{
    // What has no field here (layers) stays with its method.
    const bool isSame = m_loaded.method == m_method->id();
    quant = isSame ? m_loaded : QuantSpec();
    quant.method = m_method->id();
    quant.params = m_method->params("quant");
    storeQuant(m_fields->values(), quant);
    quant.schedule = {};
    if (!isFloat())
        storeSchedule(m_schedule->values(), quant.schedule);
}

Json QuantForm::state() const
{
    return {{"method", m_method->state()},
            {"fields", m_fields->values()},
            {"schedule", m_schedule->values()},
            {"compare", m_compare->isChecked()},
            {"loaded", m_loaded.toJson()}};
}

void QuantForm::setState(const Json& state)
{
    m_loaded = QuantSpec::read(ObjectReader(state.at("loaded"), "the form", "quant"));
    const std::string method = m_method->id();
    m_method->setState(state.at("method"));
    if (m_method->id() != method)
        showMethod();
    m_fields->setValues(state.at("fields"));
    m_schedule->setValues(state.at("schedule"));
    showSchedule();
    setComparesWithFloat(state.at("compare"));
}

QString QuantForm::summary() const
{
    if (isFloat())
        return m_method->title();
    const Json fields = m_fields->values();
    return tr("%1, weights %2, activations %3")
        .arg(m_method->title(), QString::fromStdString(fields.value("weights", std::string())),
             QString::fromStdString(fields.value("activations", std::string())));
}

bool QuantForm::comparesWithFloat() const
{
    return !isFloat() && m_compare->isChecked();
}

void QuantForm::setComparesWithFloat(bool compares)
{
    const QSignalBlocker quiet(m_compare);
    m_compare->setChecked(compares);
}

} // namespace stair
