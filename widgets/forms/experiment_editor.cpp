#include "widgets/forms/experiment_editor.h"

#include "core/base/error.h"
#include "core/zoo/networks.h"
#include "widgets/forms/choice_form.h"
#include "widgets/forms/data_form.h"
#include "widgets/forms/data_preview.h"
#include "widgets/forms/fold_box.h"
#include "widgets/forms/param_form.h"
#include "widgets/forms/quant_form.h"
#include "widgets/forms/spec_fields.h"
#include "widgets/forms/training_form.h"
#include "widgets/panels/notice_strip.h"

#include <QAction>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <utility>

namespace stair {

namespace {

/// A push button that is the action: the window's main one.
QPushButton* makeStartButton(QAction* start)
{
    auto* button = new QPushButton;
    button->setObjectName(QStringLiteral("startButton"));
    button->setMinimumHeight(34);
    button->setWhatsThis(
        ExperimentEditor::tr("<p><b>Start training</b></p><p>Writes the experiment into a run's "
                             "folder of its own and trains it there, in a process that goes on "
                             "without the window.</p>"));
    QFont bold = button->font();
    bold.setBold(true);
    button->setFont(bold);
    const auto follow = [button, start] {
        button->setText(start->text());
        button->setIcon(start->icon());
        button->setToolTip(start->toolTip());
        button->setEnabled(start->isEnabled());
    };
    follow();
    QObject::connect(start, &QAction::changed, button, follow);
    QObject::connect(button, &QPushButton::clicked, start, &QAction::trigger);
    return button;
}

} // namespace

ExperimentEditor::ExperimentEditor(QAction* start, QWidget* parent)
    : QWidget(parent)
    , m_name(new QLineEdit)
    , m_data(new DataForm)
    , m_network(new ChoiceForm(tr("Network"), choiceRows(networks())))
    , m_quant(new QuantForm)
    , m_training(new TrainingForm)
    , m_advanced(new ParamForm)
    , m_notice(new NoticeStrip)
{
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setAccessibleName(tr("Name"));
    m_name->setPlaceholderText(tr("after network and method"));
    m_name->setWhatsThis(tr("<p><b>Name</b></p><p>The run's title in the list, and part of its "
                            "folder's name.</p><p>Key in specs: <code>name</code></p>"));
    m_network->setObjectName(QStringLiteral("network"));
    m_notice->setObjectName(QStringLiteral("formProblem"));
    m_advanced->setObjectName(QStringLiteral("advanced"));
    m_advanced->setParams(advancedFields());

    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(buildGroups());
    auto* button = makeStartButton(start);
    setFocusProxy(button);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(6);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_notice);
    layout->addWidget(button);

    connect(m_name, &QLineEdit::textChanged, this, &ExperimentEditor::onEdited);
    connect(m_data, &DataForm::changed, this, &ExperimentEditor::onEdited);
    connect(m_network, &ChoiceForm::changed, this, &ExperimentEditor::onEdited);
    connect(m_quant, &QuantForm::changed, this, &ExperimentEditor::onEdited);
    connect(m_training, &TrainingForm::changed, this, &ExperimentEditor::onEdited);
    connect(m_advanced, &ParamForm::changed, this, &ExperimentEditor::onEdited);
    m_state = state();
    validate();
}

QWidget* ExperimentEditor::buildGroups()
{
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 6, 0);
    layout->setSpacing(6);
    auto* name = makeFormLayout();
    auto* label = new QLabel(tr("Name"));
    label->setMinimumWidth(labelWidth(label) + 12); // the groups are set in by 12
    name->addRow(label, m_name);
    layout->addLayout(name);
    auto* data = new QWidget;
    auto* dataLayout = new QVBoxLayout(data);
    dataLayout->setContentsMargins(0, 0, 0, 0);
    dataLayout->addWidget(m_data);
    dataLayout->addWidget(m_preview = new DataPreview);
    connect(m_preview, &DataPreview::retryWanted, this, &ExperimentEditor::dataRetryWanted);
    layout->addWidget(m_boxes[0] = new FoldBox(tr("Data"), data));
    layout->addWidget(m_boxes[1] = new FoldBox(tr("Network"), m_network));
    layout->addWidget(m_boxes[2] = new FoldBox(tr("Quantization"), m_quant));
    layout->addWidget(m_boxes[3] = new FoldBox(tr("Training"), m_training));
    layout->addWidget(m_boxes[4] = new FoldBox(tr("Limits and records"), m_advanced));
    m_boxes[0]->setFolded(true); // the default data needs no look
    m_boxes[4]->setFolded(true);
    layout->addStretch(1);
    return page;
}

void ExperimentEditor::showData(const std::shared_ptr<const Dataset>& data, const QString& problem,
                                bool canRetry)
{
    if (!data) {
        m_preview->showData(nullptr, 0, 0, problem, canRetry);
        return;
    }
    const ExperimentSpec now = specs().back();
    m_preview->showData(data, now.data.validation, now.seed, problem);
}

void ExperimentEditor::fill(const ExperimentSpec& spec)
{
    const QSignalBlocker quiet(m_name);
    m_reference.reset();
    m_name->setText(QString::fromStdString(spec.name));
    m_data->load(spec.data);
    m_network->set(spec.network.id, spec.network.params.toJson());
    m_quant->load(spec.quant);
    m_quant->setComparesWithFloat(false);
    m_training->load(spec);
    m_advanced->setValues(trainingValues(spec));
}

void ExperimentEditor::load(const ExperimentSpec& spec, const QString& what)
{
    fill(spec);
    settle(what);
}

void ExperimentEditor::loadPair(const ExperimentSpec& quantized, const ExperimentSpec& reference,
                                const QString& what)
{
    fill(quantized);
    m_quant->setComparesWithFloat(true);
    m_reference = reference;
    settle(what);
}

void ExperimentEditor::setQuant(const QuantSpec& quant, const QString& what)
{
    m_reference.reset();
    m_quant->load(quant);
    settle(what);
}

ExperimentSpec ExperimentEditor::spec() const
{
    ExperimentSpec spec;
    spec.name = m_name->text().trimmed().toStdString();
    m_data->store(spec.data);
    spec.network.id = m_network->id();
    spec.network.params = m_network->params("network");
    m_quant->store(spec.quant);
    m_training->store(spec, m_advanced->values());
    return ExperimentSpec::read(spec.toJson(), "the form");
}

std::vector<ExperimentSpec> ExperimentEditor::specs() const
{
    const ExperimentSpec own = spec();
    if (!m_quant->comparesWithFloat())
        return {own};
    if (m_reference)
        return {*m_reference, own};
    ExperimentSpec reference = own;
    reference.quant = QuantSpec();
    reference.quant.weightBits = reference.quant.activationBits = floatBits;
    if (!own.name.empty())
        reference.name = own.name + " (float)";
    return {ExperimentSpec::read(reference.toJson(), "the form"), own};
}

Json ExperimentEditor::state() const
{
    return {{"name", m_name->text().toStdString()},
            {"data", m_data->state()},
            {"network", m_network->state()},
            {"quant", m_quant->state()},
            {"training", m_training->state()},
            {"advanced", m_advanced->values()},
            {"reference", m_reference ? m_reference->toJson() : Json()}};
}

void ExperimentEditor::putState(const Json& state)
{
    const QSignalBlocker quiet(m_name);
    const Json& reference = state.at("reference");
    std::optional<ExperimentSpec> pair;
    if (!reference.is_null())
        pair = ExperimentSpec::read(reference, "the form");
    const QString name = QString::fromStdString(state.at("name"));
    if (name != m_name->text())
        m_name->setText(name);
    m_data->setState(state.at("data"));
    m_network->setState(state.at("network"));
    m_quant->setState(state.at("quant"));
    m_training->setState(state.at("training"));
    m_advanced->setValues(state.at("advanced"));
    m_reference = pair;
}

void ExperimentEditor::setState(const Json& state)
{
    const Json before = this->state();
    try {
        putState(state);
    } catch (...) {
        putState(before);
        throw;
    }
    m_state = this->state();
    validate();
}

void ExperimentEditor::onEdited()
{
    m_reference.reset();
    settle({});
}

/// After every change of the user's, at this one place: tells of it and judges the form.
void ExperimentEditor::settle(const QString& what)
{
    const Json before = std::exchange(m_state, state());
    validate();
    if (before != m_state)
        emit edited(before, m_state, what);
}

void ExperimentEditor::validate()
{
    m_problem.clear();
    try {
        specs();
    } catch (const std::exception& error) {
        m_problem = QString::fromUtf8(error.what());
    }
    m_notice->say(NoticeStrip::Kind::Warning, m_problem);
    showSummaries();
    emit changed();
}

void ExperimentEditor::showSummaries()
{
    m_boxes[0]->setSummary(m_data->summary());
    m_boxes[1]->setSummary(m_network->title());
    m_boxes[2]->setSummary(m_quant->summary());
    m_boxes[3]->setSummary(m_training->summary());
    m_boxes[4]->setSummary(tr("seed, threads, guards, checkpoints"));
}

} // namespace stair
