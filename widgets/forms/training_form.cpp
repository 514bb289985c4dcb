#include "widgets/forms/training_form.h"

#include "core/train/optimizers.h"
#include "core/train/schedules.h"
#include "widgets/forms/choice_form.h"
#include "widgets/forms/param_form.h"
#include "widgets/forms/path_edit.h"
#include "widgets/forms/spec_fields.h"

#include <QFormLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace stair {

TrainingForm::TrainingForm(QWidget* parent)
    : QWidget(parent)
    , m_fields(new ParamForm)
    , m_optimizer(new ChoiceForm(tr("Optimizer"), choiceRows(optimizers())))
    , m_schedule(new ChoiceForm(tr("Schedule"), choiceRows(schedules())))
    , m_from(new PathEdit(tr("fresh weights")))
{
    m_fields->setObjectName(QStringLiteral("trainingFields"));
    m_optimizer->setObjectName(QStringLiteral("optimizer"));
    m_schedule->setObjectName(QStringLiteral("schedule"));
    m_from->setObjectName(QStringLiteral("from"));
    m_from->setToolTip(
        tr("A run's folder or a checkpoint whose weights to start from; empty: fresh "
           "weights."));
    m_from->setWhatsThis(
        tr("<p><b>Start from</b></p><p>A run's folder, a checkpoint or an exported model whose "
           "weights to start from; empty: fresh weights.</p><p>Key in specs: "
           "<code>training.from</code></p>"));
    m_fields->setParams(trainingFields());
    auto* from = makeFormLayout();
    auto* label = new QLabel(tr("Start from"));
    label->setMinimumWidth(labelWidth(label));
    from->addRow(label, m_from);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_fields);
    layout->addLayout(from);
    layout->addWidget(m_optimizer);
    layout->addWidget(m_schedule);
    connect(m_fields, &ParamForm::changed, this, &TrainingForm::changed);
    connect(m_from, &PathEdit::changed, this, &TrainingForm::changed);
    connect(m_optimizer, &ChoiceForm::changed, this, &TrainingForm::changed);
    connect(m_schedule, &ChoiceForm::changed, this, &TrainingForm::changed);
}

void TrainingForm::load(const ExperimentSpec& spec)
{
    m_fields->setValues(trainingValues(spec));
    m_from->setPath(QString::fromStdString(spec.training.from));
    m_optimizer->set(spec.training.optimizer, spec.training.optimizerParams.toJson());
    m_schedule->set(spec.training.schedule, spec.training.scheduleParams.toJson());
}

void TrainingForm::store(ExperimentSpec& spec, const Json& advanced) const
{
    Json values = m_fields->values();
    values.update(advanced);
    storeTraining(values, spec);
    spec.training.from = m_from->path().toStdString();
    spec.training.optimizer = m_optimizer->id();
    spec.training.optimizerParams = m_optimizer->params("training.optimizer");
    spec.training.schedule = m_schedule->id();
    spec.training.scheduleParams = m_schedule->params("training.schedule");
}

Json TrainingForm::state() const
{
    return {{"fields", m_fields->values()},
            {"from", m_from->path().toStdString()},
            {"optimizer", m_optimizer->state()},
            {"schedule", m_schedule->state()}};
}

void TrainingForm::setState(const Json& state)
{
    m_fields->setValues(state.at("fields"));
    m_from->setPath(QString::fromStdString(state.at("from")));
    m_optimizer->setState(state.at("optimizer"));
    m_schedule->setState(state.at("schedule"));
}

QString TrainingForm::summary() const
{
    return tr("%1 epochs, %2, %3")
        .arg(m_fields->values().value("epochs", 0))
        .arg(m_optimizer->title(), m_schedule->title());
}

} // namespace stair
