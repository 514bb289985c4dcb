#include "core/nn/model.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/nn/init.h"
#include "core/quant/methods.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace stair {

namespace {

constexpr const char* sharedSuffix = ".shared.step";

std::unique_ptr<Parameter> makeParameter(const std::string& name, const Shape& shape, float value,
                                         bool decays)
{
    auto parameter = std::make_unique<Parameter>();
    parameter->name = name;
    parameter->value = Tensor(shape);
    parameter->value.fill(value);
    parameter->gradient = Tensor(shape);
    parameter->decays = decays;
    return parameter;
}

std::unique_ptr<BatchNorm> makeNorm(const std::string& name, int channels)
{
    const Shape shape{1, 1, 1, channels};
    auto norm = std::make_unique<BatchNorm>();
    norm->scale = std::move(*makeParameter(name + ".scale", shape, 1, true));
    norm->shift = std::move(*makeParameter(name + ".shift", shape, 0, true));
    norm->runningMean = Tensor(shape);
    norm->runningVariance = Tensor(shape);
    norm->runningVariance.fill(1);
    return norm;
}

} // namespace

std::vector<float> Normalisation::table() const
{
    std::vector<float> values;
    for (std::size_t c = 0; c < mean.size(); ++c) {
        for (int byte = 0; byte < 256; ++byte)
            values.push_back(float((byte / 255.0 - double(mean[c])) / double(deviation[c])));
    }
    return values;
}

NormStatistics BatchNorm::running() const
{
    const auto mean = runningMean.values();
    const auto variance = runningVariance.values();
    return {{mean.begin(), mean.end()}, {variance.begin(), variance.end()}};
}

Model::Model(Graph graph, const QuantSpec& quant, const Normalisation& normalisation,
             std::uint64_t seed)
    : m_graph(std::move(graph))
    , m_quant(quant)
    , m_stages(planStages(m_graph, quant))
    , m_parts(m_stages.size())
    , m_normalisation(normalisation)
{
    makeParts(seed);
    makeQuantizers();
    makeGradientQuantizers();
}

std::unique_ptr<Quantizer> Model::newQuantizer(const std::string& name, QuantizerKind kind,
                                               const Grid& grid, int steps) const
{
    return makeQuantizer(method(m_quant.method), m_quant.params, name, kind, grid, steps);
}

void Model::makeParts(std::uint64_t seed)
{
    for (std::size_t i = 0; i < m_stages.size(); ++i) {
        const Stage& stage = m_stages[i];
        StageParts& parts = m_parts[i];
        if (stage.compute == Compute::Conv) {
            parts.weight = makeParameter(stage.name + ".weight", stage.conv.weightShape(), 0, true);
            Random random(seed, RandomUse::Initialisation, i);
            heInitialise(parts.weight->value, random);
            if (stage.hasBias)
                parts.bias
                    = makeParameter(stage.name + ".bias", {1, 1, 1, stage.conv.outC}, 0, true);
        }
        if (!stage.normName.empty())
            parts.norm = makeNorm(stage.normName, stage.output.c);
    }
}

void Model::makeQuantizers()
{
    m_sharedQuantizers.clear();
    for (std::size_t i = 0; i < m_stages.size(); ++i) {
        const Stage& stage = m_stages[i];
        StageParts& parts = m_parts[i];
        parts.weightQuantizer.reset();
        parts.viewQuantizers.clear();
        if (stage.compute == Compute::Conv && isCoded(stage.weightBits))
            parts.weightQuantizer = newQuantizer(stage.name + ".weight.step", QuantizerKind::Weight,
                                                 weightGrid(m_quant, stage.weightBits),
                                                 m_quant.perChannel ? stage.conv.outC : 1);
        makeViewQuantizers(int(i));
    }
    makeImageTables();
}

void Model::makeGradientQuantizers()
{
    for (std::size_t i = 0; i < m_stages.size(); ++i) {
        const Stage& stage = m_stages[i];
        m_parts[i].gradientQuantizer.reset();
        if (m_quant.gradientBits == floatBits || stage.compute != Compute::Conv)
            continue;
        const bool isFirst = m_stages[std::size_t(stage.source.stage)].compute == Compute::Image;
        const GradientPlace place{stage.conv.outC, isFirst || i + 1 == m_stages.size()};
        m_parts[i].gradientQuantizer = makeGradientQuantizer(method(m_quant.method), m_quant.params,
                                                             m_quant.gradientBits, place);
    }
}

/// The name tells the role before the width, so that it survives a change of bits.
std::string Model::viewSuffix(int bits) const
{
    if (bits == m_quant.activationBits)
        return ".step";
    return bits == 8 ? ".wide.step" : concat(".", bits, "bit.step");
}

/// A view moved by a pool or a shortcut keeps its source's quantizer; the views of a group of joins
/// have that of the first.
void Model::makeViewQuantizers(int id)
{
    const Stage& stage = m_stages[std::size_t(id)];
    StageParts& parts = m_parts[std::size_t(id)];
    for (const View& view : stage.views) {
        if (view.isFloat()) {
            parts.viewQuantizers.push_back(nullptr);
        } else if (stage.compute == Compute::Image) {
            parts.viewQuantizers.push_back(
                makePlainQuantizer("image.step", QuantizerKind::Activation, view.grid));
        } else if (view.movedFrom >= 0) {
            const StageParts& source = m_parts[std::size_t(stage.source.stage)];
            parts.viewQuantizers.push_back(source.viewQuantizers[std::size_t(view.movedFrom)]);
        } else if (view.group >= 0) {
            std::shared_ptr<Quantizer>& shared = m_sharedQuantizers[view.group];
            if (!shared) {
                shared = newQuantizer(stage.outputName + sharedSuffix, QuantizerKind::Activation,
                                      view.grid, 1);
                shared->serveSeveral();
            }
            parts.viewQuantizers.push_back(shared);
        } else {
            parts.viewQuantizers.push_back(newQuantizer(stage.outputName + viewSuffix(view.bits),
                                                        QuantizerKind::Activation, view.grid, 1));
        }
    }
}

void Model::makeImageTables()
{
    require(int(m_normalisation.mean.size()) == m_graph.image().c,
            "the normalisation has one mean per channel");
    m_imageTable = m_normalisation.table();
    m_imageCodes.clear();
    for (const auto& quantizer : m_parts.front().viewQuantizers) {
        if (!quantizer)
            continue;
        float peak = 0;
        for (const float v : m_imageTable)
            peak = std::max(peak, std::abs(v));
        quantizer->fixStep(peak / float(quantizer->grid().qp));
        std::vector<float> u, q(m_imageTable.size());
        for (const float v : m_imageTable)
            u.push_back(v / quantizer->step());
        quantizer->code(u, q);
        for (const float code : q)
            m_imageCodes.push_back(std::uint8_t(std::int8_t(code)));
    }
}

std::vector<Quantizer*> Model::quantizers()
{
    std::vector<Quantizer*> all;
    std::set<int> groups;
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        if (m_parts[i].weightQuantizer)
            all.push_back(m_parts[i].weightQuantizer.get());
        const Stage& stage = m_stages[i];
        if (stage.compute == Compute::Image || !stage.hasEpilogue())
            continue;
        for (std::size_t v = 0; v < stage.views.size(); ++v) {
            const int group = stage.views[v].group;
            const auto& quantizer = m_parts[i].viewQuantizers[v];
            if (quantizer && (group < 0 || groups.insert(group).second))
                all.push_back(quantizer.get());
        }
    }
    return all;
}

std::string Model::viewName(int stage, std::size_t view) const
{
    const auto& quantizer = parts(stage).viewQuantizers[view];
    return quantizer->servesSeveral() ? stages()[std::size_t(stage)].outputName + sharedSuffix
                                      : quantizer->name();
}

std::vector<Parameter*> Model::parameters()
{
    std::vector<Parameter*> all;
    for (StageParts& parts : m_parts) {
        if (parts.weight)
            all.push_back(parts.weight.get());
        if (parts.bias)
            all.push_back(parts.bias.get());
        if (parts.norm) {
            all.push_back(&parts.norm->scale);
            all.push_back(&parts.norm->shift);
        }
    }
    for (Quantizer* quantizer : quantizers()) {
        if (quantizer->isLearned())
            all.push_back(&quantizer->parameter());
        if (quantizer->offset())
            all.push_back(quantizer->offset());
    }
    return all;
}

void Model::forEachTensor(const std::function<void(const std::string&, Tensor&)>& visit)
{
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        StageParts& parts = m_parts[i];
        if (parts.weight)
            visit(parts.weight->name, parts.weight->value);
        if (parts.bias)
            visit(parts.bias->name, parts.bias->value);
        if (parts.norm) {
            visit(parts.norm->scale.name, parts.norm->scale.value);
            visit(parts.norm->shift.name, parts.norm->shift.value);
            visit(m_stages[i].normName + ".running_mean", parts.norm->runningMean);
            visit(m_stages[i].normName + ".running_variance", parts.norm->runningVariance);
        }
    }
    for (Quantizer* quantizer : quantizers()) {
        if (!quantizer->isInitialised())
            quantizer->parameter().value.fill(0);
        visit(quantizer->name(), quantizer->parameter().value);
        if (quantizer->isProjected())
            visit(quantizer->name() + ".code_step", quantizer->codeSteps());
        if (quantizer->offset())
            visit(quantizer->offset()->name, quantizer->offset()->value);
        if (quantizer->lambda())
            visit(quantizer->name() + ".lambda", *quantizer->lambda());
    }
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        if (m_parts[i].gradientQuantizer)
            m_parts[i].gradientQuantizer->forEachTensor(m_stages[i].name, visit);
    }
}

void Model::tensorsChanged()
{
    for (Quantizer* quantizer : quantizers())
        quantizer->stepsChanged();
}

void Model::requantize(const QuantSpec& quant)
{
    std::map<std::string, std::shared_ptr<Quantizer>> before;
    for (StageParts& parts : m_parts) {
        if (parts.weightQuantizer) {
            const std::string name = parts.weightQuantizer->name();
            before[name] = std::move(parts.weightQuantizer);
        }
        for (const auto& quantizer : parts.viewQuantizers) {
            if (quantizer)
                before[quantizer->name()] = quantizer;
        }
    }
    const bool keepsGradients
        = quant.method == m_quant.method && quant.gradientBits == m_quant.gradientBits;
    m_quant = quant;
    m_stages = planStages(m_graph, quant);
    makeQuantizers();
    if (!keepsGradients)
        makeGradientQuantizers();
    for (Quantizer* quantizer : quantizers()) {
        const auto found = before.find(quantizer->name());
        if (found != before.end())
            quantizer->takeRange(*found->second);
    }
}

void Model::advance(const QuantContext& context)
{
    for (Quantizer* quantizer : quantizers())
        quantizer->advance(context);
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        QuantContext own = context;
        own.stream = i;
        if (m_parts[i].gradientQuantizer)
            m_parts[i].gradientQuantizer->advance(own);
    }
}

std::vector<Quantizer::Memory> Model::rememberSteps()
{
    std::vector<Quantizer::Memory> memories;
    for (const Quantizer* quantizer : quantizers())
        memories.push_back(quantizer->remember());
    return memories;
}

void Model::recallSteps(const std::vector<Quantizer::Memory>& memories)
{
    const std::vector<Quantizer*> all = quantizers();
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i]->recall(memories[i]);
    for (const StageParts& parts : m_parts) {
        if (parts.gradientQuantizer)
            parts.gradientQuantizer->recall();
    }
}

void Model::freezeSteps()
{
    for (Quantizer* quantizer : quantizers())
        quantizer->freeze();
}

void Model::beforeUpdate()
{
    for (StageParts& parts : m_parts) {
        const Quantizer* quantizer = parts.weightQuantizer.get();
        if (!quantizer || !quantizer->updateRule())
            continue;
        Tensor quantized;
        if (quantizer->updateRule()->needsQuantized()) {
            quantized = Tensor(parts.weight->value.shape());
            Codes codes(quantized.shape(), quantizer->grid());
            quantizeWeights(*quantizer, parts.weight->value, codes, &quantized);
        }
        quantizer->updateRule()->beforeUpdate(parts.weight->value, quantized, quantizer->context());
    }
}

void Model::afterUpdate()
{
    for (StageParts& parts : m_parts) {
        Quantizer* quantizer = parts.weightQuantizer.get();
        if (quantizer && quantizer->updateRule())
            quantizer->updateRule()->afterUpdate(parts.weight->value);
        if (quantizer && quantizer->isInitialised() && quantizer->wantsToProject())
            observeWeights(*quantizer, parts.weight->value);
    }
    for (Quantizer* quantizer : quantizers()) {
        quantizer->settle();
        if (quantizer->offset() && quantizer->isInitialised())
            quantizer->stepsChanged();
    }
}

} // namespace stair
