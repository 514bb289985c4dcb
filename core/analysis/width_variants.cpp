#include "core/analysis/width_variants.h"

#include "core/base/assert.h"
#include "core/quant/methods.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

const MethodInfo& postTraining()
{
    return method("ptq");
}

/// A quantizer whose step is the one of least squared error.
std::unique_ptr<Quantizer> searchedQuantizer(const std::string& name, QuantizerKind kind,
                                             const Grid& grid, int steps)
{
    return makeQuantizer(postTraining(), ParamValues(postTraining().params), name, kind, grid,
                         steps);
}

void setSteps(Quantizer& quantizer, const std::vector<float>& steps)
{
    std::ranges::copy(steps, quantizer.parameter().value.data());
    quantizer.setInitialised(true);
}

/// As the grid sees them.
Tensor transformed(const Quantizer* quantizer, const Tensor& weight)
{
    Tensor seen = weight.clone();
    if (quantizer && quantizer->transform())
        quantizer->transform()->apply(weight, seen);
    return seen;
}

void add(QuantizationNoise& noise, double x, double quantized, double weight)
{
    noise.energy += weight * x * x;
    noise.error += weight * (x - quantized) * (x - quantized);
}

} // namespace

QuantizationNoise& QuantizationNoise::operator+=(const QuantizationNoise& other)
{
    error += other.error;
    energy += other.energy;
    count += other.count;
    return *this;
}

double QuantizationNoise::mse() const
{
    return error / double(std::max<std::int64_t>(count, 1));
}

double QuantizationNoise::sqnr() const
{
    constexpr double tiny = 1e-300;
    return 10 * std::log10((energy + tiny) / (error + tiny));
}

std::unique_ptr<Model> copyModel(Model& model, const QuantSpec& quant)
{
    auto copy = std::make_unique<Model>(model.graph(), quant, model.normalisation(), 0);
    std::map<std::string, const Tensor*> theirs;
    model.forEachTensor(
        [&theirs](const std::string& name, Tensor& tensor) { theirs[name] = &tensor; });
    copy->forEachTensor([&theirs](const std::string& name, Tensor& tensor) {
        const auto found = theirs.find(name);
        if (found != theirs.end() && found->second->shape() == tensor.shape())
            std::ranges::copy(found->second->values(), tensor.data());
    });
    copy->tensorsChanged();
    if (const auto quantizers = model.quantizers(); !quantizers.empty())
        copy->advance(quantizers.front()->context());
    return copy;
}

int writerOf(const std::vector<Stage>& stages, const Reading& reading)
{
    int id = reading.stage;
    while (!stages[std::size_t(id)].hasEpilogue())
        id = stages[std::size_t(id)].source.stage;
    return id;
}

const Quantizer* inputQuantizer(const Model& model, int stage)
{
    const Reading& source = model.stages()[std::size_t(stage)].source;
    return model.parts(source.stage).viewQuantizers[std::size_t(source.view)].get();
}

std::unique_ptr<Model> WidthVariants::make(const std::vector<WidthChange>& changes)
{
    QuantSpec quant = m_base.quant();
    for (const WidthChange& change : changes)
        quant.layers.push_back({m_base.stages()[std::size_t(change.stage)].name, change.weightBits,
                                change.activationBits});
    std::unique_ptr<Model> variant = copyModel(m_base, quant);
    require(variant->stages().size() == m_base.stages().size(), "a variant has the base's stages");
    for (int id = 0; id < int(variant->stages().size()); ++id) {
        requantizeWeights(*variant, id);
        requantizeViews(*variant, id);
    }
    require(std::ranges::all_of(variant->quantizers(), &Quantizer::isInitialised),
            "a variant's quantizers have steps");
    return variant;
}

void WidthVariants::requantizeWeights(Model& variant, int id)
{
    const int bits = variant.stages()[std::size_t(id)].weightBits;
    Model::StageParts& parts = variant.parts(id);
    if (!parts.weightQuantizer || bits == m_base.stages()[std::size_t(id)].weightBits)
        return;
    parts.weight->value
        = transformed(m_base.parts(id).weightQuantizer.get(), m_base.parts(id).weight->value);
    parts.weightQuantizer
        = searchedQuantizer(parts.weightQuantizer->name(), QuantizerKind::Weight,
                            Grid::uniform(bits, true), parts.weightQuantizer->steps());
    std::vector<float>& steps = m_weightSteps[{id, bits}];
    if (steps.empty()) {
        observeWeights(*parts.weightQuantizer, parts.weight->value);
        const auto found = parts.weightQuantizer->parameter().value.values();
        steps.assign(found.begin(), found.end());
    }
    setSteps(*parts.weightQuantizer, steps);
}

void WidthVariants::requantizeViews(Model& variant, int id)
{
    const Stage& stage = variant.stages()[std::size_t(id)];
    const std::vector<View>& before = m_base.stages()[std::size_t(id)].views;
    auto& quantizers = variant.parts(id).viewQuantizers;
    if (stage.compute == Compute::Image)
        return;
    for (std::size_t v = 0; v < stage.views.size(); ++v) {
        const View& view = stage.views[v];
        if (view.movedFrom >= 0) {
            quantizers[v]
                = variant.parts(stage.source.stage).viewQuantizers[std::size_t(view.movedFrom)];
            continue;
        }
        const bool isShared = view.group >= 0; // as trained, wherever it is read
        if (!quantizers[v] || isShared || std::ranges::count(before, view.bits, &View::bits) > 0)
            continue;
        quantizers[v] = searchedQuantizer(quantizers[v]->name(), QuantizerKind::Activation,
                                          Grid::uniform(view.bits, stage.isSigned), 1);
        float& step = m_activationSteps[{id, view.bits}];
        if (step == 0)
            step = float(searchStep({}, m_survey.results(id), quantizers[v]->grid()));
        setSteps(*quantizers[v], {step});
    }
}

std::optional<QuantizationNoise> WidthVariants::weightNoise(const Model& variant, int stage) const
{
    const Model::StageParts& parts = variant.parts(stage);
    if (!parts.weightQuantizer)
        return std::nullopt;
    const Tensor seen = transformed(parts.weightQuantizer.get(), parts.weight->value);
    Tensor real(seen.shape());
    Codes codes(seen.shape(), parts.weightQuantizer->grid());
    quantizeWeights(*parts.weightQuantizer, parts.weight->value, codes, &real);
    QuantizationNoise noise;
    noise.count = seen.size();
    for (std::int64_t i = 0; i < seen.size(); ++i)
        add(noise, double(seen.data()[i]), double(real.data()[i]), 1);
    return noise;
}

std::optional<QuantizationNoise> WidthVariants::activationNoise(const Model& variant,
                                                                int stage) const
{
    const Quantizer* quantizer = inputQuantizer(variant, stage);
    const int writer = writerOf(variant.stages(), variant.stages()[std::size_t(stage)].source);
    if (!quantizer || variant.stages()[std::size_t(writer)].compute == Compute::Image)
        return std::nullopt;
    const ValueHistogram& values = m_survey.results(writer);
    const ValueHistogram::Points points = values.points();
    std::vector<float> u, q(points.values.size());
    for (const float v : points.values)
        u.push_back(v / quantizer->codeStep());
    quantizer->code(u, q);
    QuantizationNoise noise;
    noise.count = values.count();
    for (std::size_t i = 0; i < q.size(); ++i)
        add(noise, double(points.values[i]), double(quantizer->step()) * double(q[i]),
            double(points.weights[i]));
    return noise;
}

std::optional<double> WidthVariants::activationFisher(int stage) const
{
    return m_survey.activationFisher(inputQuantizer(m_base, stage));
}

} // namespace stair
