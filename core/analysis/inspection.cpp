#include "core/analysis/inspection.h"

#include "core/analysis/width_variants.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/lower/lowering.h"
#include "core/train/evaluator.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace stair {

namespace {

std::int64_t sizeOfOne(const Shape& shape)
{
    return shape.withImages(1).size();
}

bool gives(const Program& program, const Instruction& in, const std::string& name)
{
    return in.name == name || std::ranges::any_of(in.outputs, [&](int id) {
               return program.values[std::size_t(id)].name == name;
           });
}

} // namespace

double InspectedTensor::real(std::int64_t i) const
{
    const auto at = std::size_t(i);
    if (!grid)
        return double(floats[at]);
    const int code = grid->isSigned ? int(std::int8_t(codes[at])) : int(codes[at]);
    const std::size_t output = steps.size() == 1 ? 0 : at / std::size_t(sizeOfOne(shape));
    return double(steps[output]) * code;
}

double signalToNoise(const InspectedTensor& a, const InspectedTensor& b)
{
    if (a.shape != b.shape)
        throw Error(concat("[inspect] ", a.name, " is ", toString(a.shape), " in one model and ",
                           toString(b.shape), " in the other"));
    double energy = 0, difference = 0;
    for (std::int64_t i = 0; i < a.shape.size(); ++i) {
        const double x = a.real(i), d = x - b.real(i);
        energy += x * x;
        difference += d * d;
    }
    return difference == 0 ? std::numeric_limits<double>::infinity()
                           : 10 * std::log10(energy / difference);
}

Inspection::Inspection(Program program, Runtime& runtime)
    : m_program(std::move(program))
    , m_engine(m_program, runtime)
{
    m_engine.keepValues(true);
}

std::vector<std::string> Inspection::layers() const
{
    std::vector<std::string> names;
    for (const bool weighted : {true, false}) {
        for (const Instruction& in : m_program.instructions)
            if ((in.compute == Compute::Conv) == weighted)
                names.push_back(in.name);
    }
    return names;
}

std::vector<float> Inspection::classify(std::span<const std::uint8_t> image)
{
    if (std::int64_t(image.size()) != sizeOfOne(m_program.image))
        throw Error(concat("[inspect] the image has ", image.size(), " bytes, the model takes ",
                           sizeOfOne(m_program.image)));
    const Tensor& logits = m_engine.run({image.data(), m_program.image.withImages(1)});
    return {logits.data(), logits.data() + logits.size()};
}

const Instruction* Inspection::lookUp(const std::string& layer) const
{
    for (const Instruction& in : m_program.instructions)
        if (gives(m_program, in, layer))
            return &in;
    return nullptr;
}

bool Inspection::has(const std::string& layer) const
{
    return lookUp(layer) != nullptr;
}

int Inspection::outputs(const std::string& layer) const
{
    const Instruction& in = find(layer);
    return in.compute == Compute::Conv ? in.conv.weightShape().n : 0;
}

const Instruction& Inspection::find(const std::string& layer) const
{
    if (const Instruction* found = lookUp(layer))
        return *found;
    throw Error(concat("[inspect] ", unknownName("layer", layer, layers())));
}

InspectedTensor Inspection::result(const std::string& layer) const
{
    const Instruction& in = find(layer);
    const auto bits = [this](int id) {
        return value(id).isFloat ? floatBits : value(id).grid.bits;
    };
    const int id = *std::ranges::min_element(in.outputs, {}, bits);
    const ProgramValue& described = value(id);
    const Engine::Value& kept = m_engine.values()[std::size_t(id)];
    InspectedTensor tensor{.name = described.name,
                           .shape = described.shape.withImages(1),
                           .grid = {},
                           .steps = {},
                           .codes = {},
                           .floats = {}};
    if (described.isFloat) {
        tensor.floats.assign(kept.floats.data(), kept.floats.data() + tensor.shape.size());
    } else {
        tensor.grid = described.grid;
        tensor.steps = {described.step};
        tensor.codes.assign(kept.codes.data(), kept.codes.data() + tensor.shape.size());
    }
    return tensor;
}

std::optional<InspectedTensor> Inspection::weights(const std::string& layer, int first,
                                                   int count) const
{
    const Instruction& in = find(layer);
    if (in.compute != Compute::Conv)
        return {};
    const Shape whole = in.weightCodes ? in.weightCodes.shape() : in.realWeight.shape();
    if (first < 0 || first >= whole.n)
        throw Error(concat("[inspect] ", in.name, " has outputs 0 to ", whole.n - 1,
                           "; there is no output ", first));
    InspectedTensor tensor{.name = in.name,
                           .shape = whole.withImages(std::min(count, whole.n - first)),
                           .grid = {},
                           .steps = {},
                           .codes = {},
                           .floats = {}};
    const std::int64_t start = first * sizeOfOne(whole);
    if (in.weightCodes) {
        tensor.grid = in.weightCodes.grid();
        const auto from = in.weightSteps.begin() + (in.weightSteps.size() == 1 ? 0 : first);
        tensor.steps.assign(from, from + (in.weightSteps.size() == 1 ? 1 : tensor.shape.n));
        const auto* codes = in.weightCodes.data() + start;
        tensor.codes.assign(codes, codes + tensor.shape.size());
    } else {
        const float* weights = in.realWeight.data() + start;
        tensor.floats.assign(weights, weights + tensor.shape.size());
    }
    return tensor;
}

Program unquantizedProgram(Trainer& trainer, const ExperimentSpec& spec, const Dataset& data,
                           Runtime& runtime)
{
    const std::unique_ptr<Model> model
        = copyModel(trainer.model(), trainer.model().quant().asFloat());
    const Split split = splitValidation(data.train, spec.data.validation, spec.seed);
    const auto norms = reestimateNorms(
        *model, runtime, data.train, split.train,
        {.batch = spec.data.batch, .augmentation = spec.data.augment, .seed = spec.seed});
    return lower(*model, &norms);
}

} // namespace stair
