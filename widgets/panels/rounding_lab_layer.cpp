#include "widgets/models/lab_method_model.h"
#include "widgets/models/run_style.h"
#include "widgets/panels/lab_controls.h"
#include "widgets/panels/lab_params.h"
#include "widgets/panels/rounding_lab.h"
#include "widgets/plot/line_sample.h"
#include "widgets/plot/plot_theme.h"
#include "widgets/plot/staircase_plot.h"

#include <QComboBox>
#include <QEvent>

#include <algorithm>
#include <cmath>

// The rounding lab's side towards runs and layers.
namespace stair {

namespace {

constexpr std::chrono::milliseconds tickBudget{4};
constexpr QSize sampleSize(40, 12);

} // namespace

void RoundingLab::setRuns(const std::vector<const RunLog*>& runs)
{
    const auto quantized
        = std::ranges::find_if(runs, [](const RunLog* run) { return !run->identity().isFloat(); });
    const RunLog* run = quantized != runs.end() ? *quantized
        : runs.empty()                          ? nullptr
                                                : runs.front();
    m_layers->setToolTip(
        run ? tr("The layer of %1 whose values lie under the curves; its width and "
                 "step are taken over")
                  .arg(run->identity().name)
            : tr("Select a run to see the values of its layers"));
    if (run && m_log && m_log->folder() == run->folder())
        return;
    m_log = run ? std::make_unique<LayerLog>(run->folder(), LayerLog::Depth::Newest) : nullptr;
    fillLayers();
    takeValues();
    redraw();
    refresh();
}

void RoundingLab::refresh()
{
    if (!m_log || !m_log->poll(tickBudget) || m_log->isBehind())
        return;
    fillLayers();
    takeValues();
    redraw();
}

/// "No layer" and the layers of the newest record; the one that was chosen is taken over as soon as
/// it is there.
void RoundingLab::fillLayers()
{
    QStringList names;
    if (m_log && m_log->latest()) {
        for (const LayerParts& parts : layerParts(*m_log->latest()))
            names += QString::fromStdString(parts.name);
    }
    QStringList present;
    for (int i = 1; i < m_layers->count(); ++i)
        present += m_layers->itemText(i);
    if (present == names && m_layers->count() > 0)
        return;
    m_layers->clear();
    m_layers->addItem(m_log ? tr("No layer: the curves alone") : tr("No run: the curves alone"));
    for (const QString& name : names)
        m_layers->addItem(name, name);
    m_layers->setCurrentIndex(std::max(0, m_layers->findData(m_wanted)));
    if (m_layers->currentIndex() > 0)
        adoptLayer();
}

void RoundingLab::selectLayer(const QString& layer)
{
    m_wanted = layer;
    const int index = m_layers->findData(layer);
    if (index < 0 || index == m_layers->currentIndex())
        return;
    m_layers->setCurrentIndex(index);
    adoptLayer();
}

void RoundingLab::adoptLayer()
{
    const LayersReport* report = m_log ? m_log->latest() : nullptr;
    const auto parts = report ? layerParts(*report) : std::vector<LayerParts>();
    const LayerParts* layer = findLayer(parts, m_layers->currentData().toString().toStdString());
    m_controls->setCodeStepRatio({});
    if (layer) {
        const bool isWeight = m_controls->scene().kind == QuantizerKind::Weight;
        const int row
            = isWeight || layer->activations.empty() ? layer->weight : layer->activations.front();
        if (row >= 0) {
            const QuantizerReport& quantizer = report->quantizers[std::size_t(row)];
            if (quantizer.kind == "weight")
                m_controls->setKind(QuantizerKind::Weight, true);
            else
                m_controls->setKind(QuantizerKind::Activation, quantizer.leastCode < 0);
            m_controls->setBits(quantizer.bits);
            m_controls->setStep(quantizer.step);
            if (quantizer.codeStep && quantizer.step > 0)
                m_controls->setCodeStepRatio(*quantizer.codeStep / quantizer.step);
        }
    }
    takeValues();
    if (layer && layer->weight < 0
        && !m_values.counts.empty()) // a float layer: its range on the grid
        m_controls->setStep(m_values.to() / double(1 << (m_controls->scene().bits - 1)));
    m_plot->fit();
    redraw();
}

void RoundingLab::takeValues()
{
    m_values = {};
    const LayersReport* report = m_log ? m_log->latest() : nullptr;
    const auto parts = report ? layerParts(*report) : std::vector<LayerParts>();
    const LayerParts* layer = findLayer(parts, m_layers->currentData().toString().toStdString());
    if (layer) {
        m_valuesStep = double(report->step);
        if (m_controls->scene().kind == QuantizerKind::Weight) {
            if (layer->gradient >= 0)
                m_values = report->gradients[std::size_t(layer->gradient)].values;
        } else if (!layer->activations.empty()) {
            const QuantizerReport& quantizer
                = report->quantizers[std::size_t(layer->activations.front())];
            m_values = quantizer.values;
            m_values.from *= quantizer.step;
            m_values.width *= quantizer.step;
        }
    }
    ValueArea area{m_values.from, m_values.width, {}};
    area.counts.assign(m_values.counts.begin(), m_values.counts.end());
    m_plot->setValues(std::move(area));
}

void RoundingLab::takeIcons()
{
    const PlotTheme theme = PlotTheme::of(palette());
    for (int row = 0; row < m_methods->rowCount(); ++row) {
        const RunStyle style = methodStyle(m_methods->method(row).id);
        const QVector<qreal> dash = PlotTheme::dash(style.dash);
        QIcon icon(lineSample(theme.curve(style.hue), dash, sampleSize, devicePixelRatioF()));
        icon.addPixmap(lineSample(palette().color(QPalette::HighlightedText), dash, sampleSize,
                                  devicePixelRatioF()),
                       QIcon::Selected);
        m_methods->setIcon(row, icon);
    }
}

void RoundingLab::offerUse()
{
    try {
        const Json quant = quantSpecOf(m_methods->method(m_selected), m_controls->scene().bits);
        emit useInRun(QString::fromStdString(quant.dump()));
    } catch (const std::exception& error) {
        m_params->setProblem(QString::fromUtf8(error.what()));
    }
}

void RoundingLab::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        takeIcons();
}

} // namespace stair
