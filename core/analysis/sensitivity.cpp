#include "core/analysis/sensitivity.h"

#include "core/base/assert.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/lower/lowering.h"
#include "core/quant/methods.h"
#include "core/train/calibration.h"

#include <algorithm>

namespace stair {

namespace {

constexpr int floatRunBits = 8; // of a float run's base

QuantSpec postTrainingSpec(const QuantSpec& spec)
{
    const MethodInfo& info = method("ptq");
    const Json params = {{"bias_correction", false}};
    ObjectReader reader(params, "sensitivity");
    QuantSpec quant = spec;
    quant.method = info.id;
    quant.params = ParamValues::read(info.params, reader);
    quant.weightBits = quant.activationBits = floatRunBits;
    quant.gradientBits = floatBits;
    return quant;
}

void setRunningStatistics(Model& model, const std::vector<NormStatistics>& norms)
{
    for (std::size_t id = 0; id < norms.size(); ++id) {
        if (const auto& norm = model.parts(int(id)).norm) {
            std::ranges::transform(norms[id].mean, norm->runningMean.data(),
                                   [](double v) { return float(v); });
            std::ranges::transform(norms[id].variance, norm->runningVariance.data(),
                                   [](double v) { return float(v); });
        }
    }
}

std::int64_t macsOf(const Stage& stage)
{
    return stage.compute == Compute::Conv && !stage.isAuxiliary
        ? stage.computed.size() * stage.conv.terms()
        : 0;
}

} // namespace

const std::vector<SensitivityModeInfo>& sensitivityModes()
{
    static const std::vector<SensitivityModeInfo> table = {
        {SensitivityMode::Only, "only", "this layer's weights and input get the width"},
        {SensitivityMode::Weights, "weights", "this layer's weights alone get the width"},
        {SensitivityMode::Activations, "activations", "this layer's input alone gets the width"},
        {SensitivityMode::AllBut, "all-but",
         "weights and inputs of all other layers get the width, but for a first and last layer "
         "that the spec treats apart"},
    };
    return table;
}

const SensitivityModeInfo& info(SensitivityMode mode)
{
    return *std::ranges::find(sensitivityModes(), mode, &SensitivityModeInfo::mode);
}

SensitivityMode sensitivityMode(const std::string& id)
{
    std::vector<std::string> known;
    for (const SensitivityModeInfo& row : sensitivityModes()) {
        if (row.id == id)
            return row.mode;
        known.push_back(row.id);
    }
    throw Error(unknownName("mode", id, known));
}

Sensitivity::Sensitivity(Trainer& trainer, const ExperimentSpec& spec, const Dataset& data,
                         Runtime& runtime, EvaluationImages images, int surveyed)
    : m_trainer(trainer)
    , m_spec(spec)
    , m_data(data)
    , m_runtime(runtime)
    , m_surveyed(calibrationImages(
          splitValidation(data.train, spec.data.validation, spec.seed).train, surveyed, spec.seed))
    , m_images(std::move(images))
    , m_evaluation(m_baseProgram, runtime, m_images)
{
    Model& trained = trainer.model();
    if (trained.quant().isFloat()) {
        m_base = copyModel(trained, postTrainingSpec(trained.quant()));
        calibrate(*m_base, runtime, data.train, m_surveyed, spec.data.augment);
    } else {
        m_norms = trainer.norms(); // first: what has no step yet gets one
        m_base = copyModel(trained, trained.quant());
    }
    m_baseProgram = lower(*m_base, norms());
    listLayers(m_base->quant());
}

void Sensitivity::listLayers(const QuantSpec& quant)
{
    const std::vector<Stage>& stages = m_base->stages();
    for (int id = 0; id < int(stages.size()); ++id) {
        const Stage& stage = stages[std::size_t(id)];
        if (stage.compute != Compute::Conv || stage.isAuxiliary)
            continue;
        SensitivityLayer layer{.name = stage.name, .stage = id, .weightBits = stage.weightBits};
        const Stage& source = stages[std::size_t(stage.source.stage)];
        layer.activationBits = source.views[std::size_t(stage.source.view)].bits;
        const int writer = writerOf(stages, stage.source);
        layer.readsImage = stages[std::size_t(writer)].compute == Compute::Image;
        layer.isEnd = (layer.readsImage && quant.first != EndPolicy::Same)
            || (id + 1 == int(stages.size()) && quant.last != EndPolicy::Same);
        layer.macs = macsOf(stage);
        layer.weights = stage.conv.weightShape().size();
        m_layers.push_back(layer);
    }
}

std::vector<SensitivityCell> Sensitivity::plan(const std::vector<SensitivityMode>& modes,
                                               const std::vector<int>& widths) const
{
    std::vector<SensitivityCell> cells;
    for (const SensitivityMode mode : modes)
        for (int layer = 0; layer < int(m_layers.size()); ++layer)
            for (const int bits : widths) {
                const SensitivityCell cell{mode, layer, bits};
                if (!changes(cell).empty())
                    cells.push_back(cell);
            }
    std::ranges::stable_sort(cells, {}, [this](const SensitivityCell& cell) { return cost(cell); });
    return cells;
}

WidthChange Sensitivity::change(const SensitivityLayer& layer, SensitivityMode mode, int bits)
{
    WidthChange change{.stage = layer.stage};
    if (mode != SensitivityMode::Activations)
        change.weightBits = bits;
    if (mode != SensitivityMode::Weights && !layer.readsImage)
        change.activationBits = bits;
    return change;
}

std::vector<WidthChange> Sensitivity::changes(const SensitivityCell& cell) const
{
    const bool all = cell.mode == SensitivityMode::AllBut;
    std::vector<WidthChange> result;
    for (int i = 0; i < int(m_layers.size()); ++i) {
        const SensitivityLayer& layer = m_layers[std::size_t(i)];
        if (all ? i == cell.layer || layer.isEnd : i != cell.layer)
            continue;
        const WidthChange changed = change(layer, cell.mode, cell.bits);
        if (changed.weightBits || changed.activationBits)
            result.push_back(changed);
    }
    return result;
}

/// Multiply-accumulates from the first stage that computes something else.
std::int64_t Sensitivity::cost(const SensitivityCell& cell) const
{
    const std::vector<Stage>& stages = m_base->stages();
    int first = int(stages.size());
    for (const WidthChange& change : changes(cell)) {
        first = std::min(first, change.stage);
        if (change.activationBits)
            first = std::min(first, writerOf(stages, stages[std::size_t(change.stage)].source));
    }
    std::int64_t macs = 0;
    for (int id = first; id < int(stages.size()); ++id)
        macs += macsOf(stages[std::size_t(id)]);
    return macs;
}

WidthVariants& Sensitivity::variants()
{
    if (!m_variants) {
        // The survey's passes take the running statistics, the programs m_norms.
        if (m_norms)
            setRunningStatistics(*m_base, *m_norms);
        m_base->freezeSteps();
        m_survey = std::make_unique<NetworkSurvey>(*m_base, m_runtime, m_data.train, m_surveyed,
                                                   m_spec.data.augment);
        m_variants = std::make_unique<WidthVariants>(*m_base, *m_survey);
    }
    return *m_variants;
}

Metrics Sensitivity::base()
{
    return m_evaluation.evaluate(m_baseProgram);
}

std::optional<Metrics> Sensitivity::inFloat()
{
    if (!m_trainer.model().quant().isFloat())
        return std::nullopt;
    return evaluateProgram(m_trainer.program(), m_runtime, *m_images.set, &m_images.indices,
                           m_images.augmentation, m_images.classes);
}

Program Sensitivity::program(const SensitivityCell& cell)
{
    return lower(*variants().make(changes(cell)), norms());
}

Program Sensitivity::programAt(const std::vector<int>& bits)
{
    require(bits.size() == m_layers.size(), "each layer has a width, or 0");
    std::vector<WidthChange> changed;
    for (std::size_t i = 0; i < bits.size(); ++i) {
        if (bits[i] != 0)
            changed.push_back(change(m_layers[i], SensitivityMode::Only, bits[i]));
    }
    return lower(*variants().make(changed), norms());
}

SensitivityResult Sensitivity::evaluate(const SensitivityCell& cell)
{
    const std::vector<WidthChange> changed = changes(cell);
    const std::unique_ptr<Model> variant = variants().make(changed);
    const Program lowered = lower(*variant, norms());
    SensitivityResult result;
    result.metrics = m_evaluation.evaluate(lowered);
    result.proved = lowered.floatLayers().empty();
    double fit = 0;
    bool isFitKnown = true;
    const auto add
        = [&](std::optional<QuantizationNoise>& sum, const std::optional<QuantizationNoise>& noise,
              std::optional<double> fisher) {
              isFitKnown = isFitKnown && noise && fisher;
              if (!noise)
                  return;
              sum = sum ? * sum += *noise : *noise;
              fit += fisher.value_or(0) * noise->mse();
          };
    for (const WidthChange& change : changed) {
        const int stage = change.stage;
        if (change.weightBits)
            add(result.weights, m_variants->weightNoise(*variant, stage),
                m_variants->weightFisher(stage));
        if (change.activationBits)
            add(result.activations, m_variants->activationNoise(*variant, stage),
                m_variants->activationFisher(stage));
    }
    if (isFitKnown)
        result.fit = fit;
    return result;
}

} // namespace stair
