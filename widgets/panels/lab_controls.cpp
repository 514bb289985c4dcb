#include "widgets/panels/lab_controls.h"

#include "widgets/forms/param_form.h"
#include "widgets/forms/slider_row.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>

#include <cmath>

namespace stair {

LabControls::LabControls(QWidget* parent)
    : QWidget(parent)
    , m_kind(makeChoiceBox())
    , m_bits(new SliderRow(tr("Bits"), 1, 8, true))
    , m_step(new SliderRow(tr("Step"), 1e-4, 8, false))
    , m_clip(new SliderRow(tr("Clip"), 1e-4, 64, false))
    , m_progress(new SliderRow(tr("Run progress"), 0, 100, false))
    , m_gradient(makeChoiceBox())
    , m_sharesStep(new QCheckBox(tr("Same step for all")))
{
    m_kind->addItems({tr("Weights"), tr("Activations from 0"), tr("Activations of either sign")});
    m_gradient->addItems({QStringLiteral("+1"), QStringLiteral("−1")});
    m_sharesStep->setChecked(m_scene.sharesStep);
    auto* form = makeFormLayout(this);
    const auto add = [&](const QString& name, QWidget* field, const char* id, const QString& tip) {
        field->setObjectName(QLatin1String(id));
        field->setToolTip(tip);
        field->setAccessibleName(name);
        auto* label = new QLabel(name);
        label->setToolTip(tip);
        label->setBuddy(field);
        label->setMinimumWidth(labelWidth(label));
        form->addRow(label, field);
    };
    add(tr("Tensor"), m_kind, "kind",
        tr("What is quantized: methods treat weights and activations "
           "apart, and activations after a ReLU have codes from 0."));
    add(tr("Bits"), m_bits, "bits",
        tr("Width of the codes. A method that has no such width takes "
           "the nearest it has; the table says which."));
    add(tr("Step"), m_step, "step",
        tr("Distance of two levels in units of x. Drag its line in the "
           "plot, too."));
    add(tr("Clip"), m_clip, "clip",
        tr("Value of the greatest level of the selected method: step "
           "times the greatest code. Values beyond are cut off."));
    add(tr("Run progress (%)"), m_progress, "progress",
        tr("Sharpness and alpha may move over a run; the curves are those at this share of it."));
    add(tr("Gradient"), m_gradient, "gradient",
        tr("Sign of the incoming gradient: EWGS and MDE treat the two apart."));
    form->addRow(QString(), m_sharesStep);
    m_sharesStep->setObjectName(QStringLiteral("sharesStep"));
    m_sharesStep->setToolTip(tr("Off: a method whose step no tensor decides (AQE, BNN, DoReFa's "
                                "weights ...) is drawn at its own, as training has it."));
    setStep(1);
    m_bits->setNumber(m_scene.bits);

    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        takeKind();
        emit kindChosen();
        emit changed();
    });
    connect(m_bits, &SliderRow::changed, this, [this](double bits) {
        m_scene.bits = int(std::lround(bits));
        emit changed();
    });
    connect(m_step, &SliderRow::changed, this, [this](double step) {
        m_scene.step = step;
        m_clip->setNumber(clip());
        emit changed();
    });
    connect(m_clip, &SliderRow::changed, this, [this](double clip) {
        m_scene.step = clip / m_clipSteps;
        m_step->setNumber(m_scene.step);
        emit changed();
    });
    connect(m_progress, &SliderRow::changed, this, [this](double percent) {
        m_scene.progress = percent / 100;
        emit changed();
    });
    connect(m_gradient, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_scene.gradient = index == 0 ? 1 : -1;
        emit changed();
    });
    connect(m_sharesStep, &QCheckBox::toggled, this, [this](bool on) {
        m_scene.sharesStep = on;
        emit changed();
    });
}

void LabControls::takeKind()
{
    m_scene.kind = m_kind->currentIndex() == 0 ? QuantizerKind::Weight : QuantizerKind::Activation;
    m_scene.isSigned = m_kind->currentIndex() != 1;
}

void LabControls::setKind(QuantizerKind kind, bool isSigned)
{
    const QSignalBlocker quiet(m_kind);
    m_kind->setCurrentIndex(kind == QuantizerKind::Weight ? 0 : isSigned ? 2 : 1);
    takeKind();
}

void LabControls::setBits(int bits)
{
    m_scene.bits = bits;
    m_bits->setNumber(bits);
}

void LabControls::setStep(double step)
{
    m_scene.step = step;
    m_step->setNumber(step);
    m_clip->setNumber(clip());
}

void LabControls::setCodeStepRatio(std::optional<double> ratio)
{
    m_scene.codeStepRatio = ratio;
}

void LabControls::setClipSteps(double steps)
{
    m_clipSteps = steps > 0 ? steps : 1;
    m_clip->setNumber(clip());
}

} // namespace stair
