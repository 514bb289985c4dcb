#include "core/lower/lowering.h"

#include "core/base/assert.h"
#include "core/nn/training_pass.h"
#include "core/ops/eltwise.h"

#include <algorithm>

namespace stair {

namespace {

class Lowering
{
public:
    Lowering(const Model& model, const std::vector<NormStatistics>* statistics)
        : m_model(model)
        , m_statistics(statistics)
        , m_valueOf(model.stages().size())
    {
    }

    Program run()
    {
        m_program.image = m_model.graph().image();
        for (int i = 0; i < int(m_model.stages().size()); ++i) {
            if (stageAt(i).isAuxiliary)
                continue;
            makeValues(i);
            if (i == 0)
                m_program.imageValues = m_valueOf[0];
            else
                m_program.instructions.push_back(makeInstruction(i));
        }
        setImageTables();
        m_program.logits = m_valueOf.back().front();
        return std::move(m_program);
    }

private:
    const Stage& stageAt(int id) const { return m_model.stages()[std::size_t(id)]; }
    int valueOf(const Reading& r) const
    {
        return m_valueOf[std::size_t(r.stage)][std::size_t(r.view)];
    }
    const ProgramValue& value(int id) const { return m_program.values[std::size_t(id)]; }

    void makeValues(int id)
    {
        const Stage& stage = stageAt(id);
        const auto& quantizers = m_model.parts(id).viewQuantizers;
        for (std::size_t v = 0; v < stage.views.size(); ++v) {
            ProgramValue value;
            value.name = stage.outputName;
            value.shape = stage.output;
            value.isFloat = !quantizers[v];
            if (quantizers[v]) {
                value.grid = quantizers[v]->grid();
                value.step = quantizers[v]->step();
            }
            m_valueOf[std::size_t(id)].push_back(int(m_program.values.size()));
            m_program.values.push_back(value);
        }
    }

    /// Those that a value of the image is looked up in.
    void setImageTables()
    {
        for (const int id : m_program.imageValues) {
            if (value(id).isFloat)
                m_program.imageTable = m_model.imageTable();
            else
                m_program.imageCodes = m_model.imageCodes();
        }
    }

    Instruction makeInstruction(int id)
    {
        const Stage& stage = stageAt(id);
        Instruction in;
        in.name = stage.name;
        in.compute = stage.compute;
        in.conv = stage.conv;
        in.sum = stage.sum;
        in.move = stage.move;
        in.poolBefore = stage.poolBefore;
        in.computed = stage.computed;
        in.outputs = m_valueOf[std::size_t(id)];
        if (!stage.hasEpilogue()) {
            for (const View& view : stage.views)
                in.sources.push_back(valueOf({stage.source.stage, view.movedFrom}));
            return in;
        }
        if (!stage.parts.empty()) {
            for (const Reading& part : stage.parts)
                in.sources.push_back(valueOf(part));
        } else {
            in.sources = {valueOf(stage.source)};
        }
        const std::vector<double> accScale
            = stage.compute == Compute::Concat ? partSteps(in) : makeWeights(id, in);
        const Affine affine = foldAffine(id, accScale);
        in.epilogue = makeEpilogue(m_model, id, affine, Softness::Hard);
        if (stage.skip) {
            in.skip = valueOf(*stage.skip);
            in.epilogue.skipStep = value(in.skip).step;
        }
        return in;
    }

    /// Each channel of a concat has its part's step.
    std::vector<double> partSteps(const Instruction& in) const
    {
        std::vector<double> steps;
        for (const int source : in.sources) {
            const ProgramValue& part = value(source);
            steps.insert(steps.end(), std::size_t(part.shape.c),
                         part.isFloat ? 1 : double(part.step));
        }
        return steps;
    }

    /// The layer's weights as the program holds them; returns the accumulators' scale.
    std::vector<double> makeWeights(int id, Instruction& in)
    {
        const Stage& stage = stageAt(id);
        const ProgramValue& source = value(in.sources.front());
        const double sourceStep = source.isFloat ? 1 : double(source.step);
        if (stage.compute != Compute::Conv)
            return std::vector<double>(
                std::size_t(stage.computed.c),
                sourceStep / (stage.compute == Compute::SumPool ? stage.sum.pixels() : 1));
        const Model::StageParts& parts = m_model.parts(id);
        const std::size_t channels = std::size_t(stage.conv.outC);
        if (!parts.weightQuantizer) {
            in.realWeight = parts.weight->value.clone();
            if (stage.weightBits == halfBits)
                roundToHalf(parts.weight->value, in.realWeight);
            return std::vector<double>(channels, 1);
        }
        Codes codes(parts.weight->value.shape(), parts.weightQuantizer->grid());
        Tensor real(parts.weight->value.shape());
        quantizeWeights(*parts.weightQuantizer, parts.weight->value, codes, &real);
        if (source.isFloat) {
            in.realWeight = std::move(real);
            return std::vector<double>(channels, 1);
        }
        in.weightCodes = std::move(codes);
        for (int c = 0; c < parts.weightQuantizer->steps(); ++c)
            in.weightSteps.push_back(parts.weightQuantizer->step(c));
        std::vector<double> scale;
        for (std::size_t c = 0; c < channels; ++c)
            scale.push_back(sourceStep * double(parts.weightQuantizer->step(int(c))));
        return scale;
    }

    Affine foldAffine(int id, const std::vector<double>& accScale) const
    {
        const Model::StageParts& parts = m_model.parts(id);
        const std::span<const float> bias = parts.biasValues();
        if (!parts.norm)
            return foldBias(accScale, bias);
        const NormStatistics& statistics
            = m_statistics ? (*m_statistics)[std::size_t(id)] : parts.norm->running();
        require(statistics.mean.size() == accScale.size(), "lowering has each norm's statistics");
        return foldNorm(accScale, bias, parts.norm->scale.value.values(),
                        parts.norm->shift.value.values(), statistics);
    }

    const Model& m_model;
    const std::vector<NormStatistics>* m_statistics;
    std::vector<std::vector<int>> m_valueOf; // by stage and view
    Program m_program;
};

} // namespace

std::vector<std::string> Program::floatLayers() const
{
    std::vector<std::string> names;
    for (const Instruction& in : instructions) {
        const bool floatSource = std::ranges::any_of(
            in.sources, [this](int id) { return values[std::size_t(id)].isFloat; });
        const bool floatSkip = in.skip >= 0 && values[std::size_t(in.skip)].isFloat;
        if (floatSource || floatSkip || in.realWeight)
            names.push_back(in.name);
    }
    return names;
}

Program lower(const Model& model, const std::vector<NormStatistics>* statistics)
{
    return Lowering(model, statistics).run();
}

} // namespace stair
