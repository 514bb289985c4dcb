#include "core/nn/model.h"

#include "core/base/assert.h"
#include "core/base/error.h"
#include "core/nn/init.h"
#include "core/quant/methods.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace stair {

namespace {

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
{
    makeParts(seed);
    makeImageTables(normalisation);
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
            if (stage.weightBits != floatBits)
                parts.weightQuantizer
                    = newQuantizer(stage.name + ".weight.step", QuantizerKind::Weight,
                                   Grid::uniform(stage.weightBits, true),
                                   m_quant.perChannel ? stage.conv.outC : 1);
        }
        if (!stage.normName.empty())
            parts.norm = makeNorm(stage.normName, stage.output.c);
        makeViewQuantizers(int(i));
    }
}

/// A view moved by a pool or a shortcut keeps its source's quantizer.
void Model::makeViewQuantizers(int id)
{
    const Stage& stage = m_stages[std::size_t(id)];
    StageParts& parts = m_parts[std::size_t(id)];
    for (const View& view : stage.views) {
        if (view.isFloat()) {
            parts.viewQuantizers.push_back(nullptr);
        } else if (view.movedFrom >= 0) {
            const StageParts& source = m_parts[std::size_t(stage.source.stage)];
            parts.viewQuantizers.push_back(source.viewQuantizers[std::size_t(view.movedFrom)]);
        } else {
            // The name tells the role, not the width, so that it survives a change of bits.
            const bool wide = view.bits != m_quant.activationBits;
            parts.viewQuantizers.push_back(
                newQuantizer(stage.outputName + (wide ? ".wide.step" : ".step"),
                             QuantizerKind::Activation, view.grid, 1));
        }
    }
}

void Model::makeImageTables(const Normalisation& normalisation)
{
    require(int(normalisation.mean.size()) == m_graph.image().c,
            "the normalisation has one mean per channel");
    m_imageTable = normalisation.table();
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
        m_imageCodes.clear();
        for (const float code : q)
            m_imageCodes.push_back(std::uint8_t(std::int8_t(code)));
    }
}

std::vector<Quantizer*> Model::quantizers()
{
    std::vector<Quantizer*> all;
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        if (m_parts[i].weightQuantizer)
            all.push_back(m_parts[i].weightQuantizer.get());
        const Stage& stage = m_stages[i];
        if (stage.compute == Compute::Image || !stage.hasEpilogue())
            continue;
        for (const auto& quantizer : m_parts[i].viewQuantizers) {
            if (quantizer)
                all.push_back(quantizer.get());
        }
    }
    return all;
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
    }
}

void Model::tensorsChanged()
{
    for (Quantizer* quantizer : quantizers())
        quantizer->setInitialised(quantizer->step() != 0);
}

void Model::changeBits(int weightBits, int activationBits)
{
    QuantSpec changed = m_quant;
    changed.weightBits = weightBits;
    changed.activationBits = activationBits;
    std::vector<Stage> stages = planStages(m_graph, changed);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        if (stages[i].views.size() != m_stages[i].views.size()
            || (stages[i].weightBits == floatBits) != (m_stages[i].weightBits == floatBits))
            throw Error("the widths cannot change to or from 8 bits or float while a run is on; "
                        "start a new run from its checkpoint");
        if (m_parts[i].weightQuantizer)
            m_parts[i].weightQuantizer->changeGrid(Grid::uniform(stages[i].weightBits, true));
        for (std::size_t v = 0; v < stages[i].views.size(); ++v) {
            if (m_parts[i].viewQuantizers[v] && stages[i].views[v].movedFrom < 0)
                m_parts[i].viewQuantizers[v]->changeGrid(stages[i].views[v].grid);
        }
    }
    m_stages = std::move(stages);
    m_quant = changed;
}

} // namespace stair
