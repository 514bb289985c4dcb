#include "core/train/program_start.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/lower/real_affine.h"
#include "core/nn/training_pass.h"
#include "core/train/evaluator.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace stair {

namespace {

/// Of channels that should be 1, or have one step.
constexpr double roundingShare = 1e-5;

class ProgramStart
{
public:
    ProgramStart(Model& model, Runtime& runtime, const Program& program, const std::string& network)
        : m_model(model)
        , m_runtime(runtime)
        , m_program(program)
        , m_network(network)
        , m_instructions(model.stages().size())
    {
    }

    void run(std::span<const Batch> batches)
    {
        match();
        for (Quantizer* quantizer : m_model.quantizers())
            quantizer->parameter().value.fill(0); // not set
        for (int id = 1; id < stages(); ++id) {
            if (!m_instructions[std::size_t(id)])
                continue;
            if (stageAt(id).compute == Compute::Conv)
                takeWeights(id);
            takeSteps(id);
        }
        m_model.tensorsChanged();
        for (int id = 1; id < stages(); ++id)
            checkCodes(id);
        fitNorms(batches);
    }

private:
    int stages() const { return int(m_model.stages().size()); }
    const Stage& stageAt(int id) const { return m_model.stages()[std::size_t(id)]; }
    const Instruction& instruction(int id) const { return *m_instructions[std::size_t(id)]; }
    const ProgramValue& value(int id) const { return m_program.values[std::size_t(id)]; }

    [[noreturn]] void refuse(const std::string& what) const
    {
        throw Error(concat("training.from: the file's network is not this ", m_network, ": ", what,
                           "; choose the network that the file was made of"));
    }

    /// Each stage's instruction, in order; an auxiliary head has none. Other programs' files name their
    /// layers as they like: what counts is what each computes and of what.
    void match()
    {
        if (m_program.image.withImages(1) != m_model.graph().image().withImages(1))
            refuse(concat("its images are ", toString(m_program.image.withImages(1)), ", these ",
                          toString(m_model.graph().image().withImages(1))));
        std::size_t next = 0;
        std::vector<int> madeBy(m_program.values.size()); // stages; 0, the image, makes the first
        for (int id = 1; id < stages(); ++id) {
            if (stageAt(id).isAuxiliary)
                continue;
            if (next == m_program.instructions.size())
                refuse(concat("it ends before ", stageAt(id).name));
            const Instruction& in = m_program.instructions[next++];
            if (!isAlike(stageAt(id), in))
                refuse(concat("its layer ", in.name, " stands where this has ", stageAt(id).name,
                              ", or has another size"));
            if (!readsAlike(stageAt(id), in, madeBy))
                refuse(concat("its layer ", in.name, " reads other layers than ", stageAt(id).name,
                              " here"));
            m_instructions[std::size_t(id)] = &in;
            for (const int output : in.outputs)
                madeBy[std::size_t(output)] = id;
        }
        if (next < m_program.instructions.size())
            refuse(concat("it goes on with ", m_program.instructions[next].name));
    }

    static bool isAlike(const Stage& stage, const Instruction& in)
    {
        return stage.compute == in.compute
            && (stage.compute != Compute::Conv || stage.conv == in.conv)
            && (stage.compute != Compute::Move || stage.move == in.move)
            && (stage.compute != Compute::SumPool || sumsAlike(stage, in))
            && stage.computed.withImages(1) == in.computed.withImages(1)
            && stage.skip.has_value() == (in.skip >= 0) && stage.poolBefore == in.poolBefore
            && (in.compute == Compute::Move || stage.activation == in.epilogue.activation);
    }

    /// The stride of a sum's only window does not matter.
    static bool sumsAlike(const Stage& stage, const Instruction& in)
    {
        SumWindow theirs = in.sum;
        if (in.computed.h == 1 && in.computed.w == 1)
            theirs.stride = stage.sum.stride;
        return stage.sum == theirs;
    }

    static bool readsAlike(const Stage& stage, const Instruction& in,
                           const std::vector<int>& madeBy)
    {
        std::vector<int> ours, theirs;
        for (const Reading& reading : stage.readings())
            ours.push_back(reading.stage);
        for (const int source : in.sources)
            theirs.push_back(madeBy[std::size_t(source)]);
        if (in.skip >= 0)
            theirs.push_back(madeBy[std::size_t(in.skip)]);
        if (in.compute == Compute::Move) // each view of one stage
            ours.resize(theirs.size(), stage.source.stage);
        return ours == theirs;
    }

    void takeWeights(int id)
    {
        const Instruction& in = instruction(id);
        Model::StageParts& parts = m_model.parts(id);
        Tensor& weight = parts.weight->value;
        if (!in.weightCodes) {
            std::ranges::copy(in.realWeight.values(), weight.data());
            return;
        }
        std::vector<float> steps = in.weightSteps;
        Quantizer* quantizer = parts.weightQuantizer.get();
        if (quantizer && quantizer->grid() == in.weightCodes.grid()) {
            if (quantizer->steps() == 1 && steps.size() > 1)
                steps = {commonStep(id)};
            if (quantizer->steps() > 1 && steps.size() == 1)
                steps.assign(std::size_t(quantizer->steps()), steps.front());
            std::ranges::copy(steps, quantizer->parameter().value.data());
            if (quantizer->isProjected())
                std::ranges::copy(steps, quantizer->codeSteps().data());
        }
        const std::int64_t each = weight.size() / in.conv.outC;
        for (std::int64_t i = 0; i < weight.size(); ++i)
            weight.data()[i]
                = steps[steps.size() > 1 ? std::size_t(i / each) : 0] * float(in.weightCodes.at(i));
    }

    /// One step in the place of one a channel: batch norm takes the difference.
    float commonStep(int id) const
    {
        const std::vector<float>& steps = instruction(id).weightSteps;
        double sum = 0;
        for (const float step : steps)
            sum += double(step);
        const double mean = sum / double(steps.size());
        const bool isOne = std::ranges::all_of(steps, [mean](float step) {
            return std::abs(double(step) - mean) <= roundingShare * mean;
        });
        if (!isOne && !m_model.parts(id).norm)
            throw Error(concat("training.from: layer ", stageAt(id).name,
                               " of the file has a weight step for each channel and no batch norm; "
                               "set quant.weights.per to channel"));
        return float(mean);
    }

    /// The steps of the results' quantizers, where the file has a value on the same grid.
    void takeSteps(int id)
    {
        if (!stageAt(id).hasEpilogue())
            return; // a move's quantizers are its source's
        const auto& quantizers = m_model.parts(id).viewQuantizers;
        const std::vector<int>& outputs = instruction(id).outputs;
        for (std::size_t v = 0; v < quantizers.size(); ++v) {
            Quantizer* quantizer = quantizers[v].get();
            if (!quantizer)
                continue;
            const auto found = std::ranges::find_if(outputs, [&](int output) {
                const Grid& theirs = value(output).grid;
                const Grid& ours = quantizer->grid();
                return !value(output).isFloat
                    && (quantizer->offset() ? theirs.bits == ours.bits : theirs == ours);
            });
            if (found == outputs.end())
                continue;
            const ProgramValue& from = value(*found);
            quantizer->parameter().value.fill(from.step);
            if (Parameter* offset = quantizer->offset())
                offset->value.fill(from.step * float(from.grid.qn)); // z = -qn
        }
    }

    /// Weights that the method sees otherwise than as step * code would not be the file's.
    void checkCodes(int id) const
    {
        const Model::StageParts& parts = m_model.parts(id);
        const Quantizer* quantizer = parts.weightQuantizer.get();
        if (!m_instructions[std::size_t(id)] || !quantizer || !quantizer->isInitialised())
            return;
        const Codes& theirs = instruction(id).weightCodes;
        Codes ours(parts.weight->value.shape(), quantizer->grid());
        quantizeWeights(*quantizer, parts.weight->value, ours, nullptr);
        if (!std::ranges::equal(ours.bytes(), theirs.bytes()))
            throw Error(concat("training.from: the method ", m_model.quant().method,
                               " gives the weights of ", stageAt(id).name,
                               " other codes than the file's; choose one without a transform of "
                               "the weights (lsq, minmax), or a run's folder"));
    }

    /// Stage by stage, every batch through one before the next: what a stage sees is then what
    /// re-estimation shows it.
    void fitNorms(std::span<const Batch> batches)
    {
        std::vector<std::unique_ptr<TrainingPass>> passes;
        for (const Batch& batch : batches) {
            passes.push_back(std::make_unique<TrainingPass>(m_model, m_runtime));
            passes.back()->begin(
                {batch.pixels.data(), {batch.count, batch.height, batch.width, batch.channels}},
                PassMode::Reestimate);
        }
        for (int id = 0; id < stages(); ++id) {
            const bool isShipped = m_instructions[std::size_t(id)] && stageAt(id).hasEpilogue();
            if (isShipped && m_model.parts(id).norm) {
                NormStatistics mean;
                for (std::size_t i = 0; i < passes.size(); ++i)
                    followMean(mean, passes[i]->channelStatistics(id), int(i) + 1);
                setNorm(id, mean);
            } else if (isShipped) {
                setBias(id);
            }
            for (const auto& pass : passes)
                pass->runStage(id);
        }
    }

    /// The program's affine map over the model's own real weights.
    RealAffine affine(int id) const
    {
        const Instruction& in = instruction(id);
        RealAffine result = realAffine(m_program, in, 0);
        const Quantizer* quantizer = m_model.parts(id).weightQuantizer.get();
        if (in.weightCodes && in.weightSteps.size() > 1 && quantizer && quantizer->isInitialised()
            && quantizer->steps() == 1) {
            for (std::size_t c = 0; c < result.m.size(); ++c)
                result.m[c] *= double(in.weightSteps[c]) / double(quantizer->step());
        }
        return result;
    }

    void setNorm(int id, const NormStatistics& statistics)
    {
        Model::StageParts& parts = m_model.parts(id);
        const RealAffine wanted = affine(id);
        for (std::size_t c = 0; c < wanted.m.size(); ++c) {
            const double bias = parts.bias ? double(parts.bias->value.data()[c]) : 0;
            parts.norm->runningMean.data()[c] = float(statistics.mean[c]);
            parts.norm->runningVariance.data()[c] = float(statistics.variance[c]);
            parts.norm->scale.value.data()[c]
                = float(wanted.m[c] * std::sqrt(statistics.variance[c] + normEpsilon));
            parts.norm->shift.value.data()[c]
                = float(wanted.b[c] + wanted.m[c] * (statistics.mean[c] - bias));
        }
    }

    /// Without batch norm the map is the weights' scale and the bias.
    void setBias(int id)
    {
        const RealAffine wanted = affine(id);
        Model::StageParts& parts = m_model.parts(id);
        for (std::size_t c = 0; c < wanted.m.size(); ++c) {
            if (std::abs(wanted.m[c] - 1) > roundingShare || (!parts.bias && wanted.b[c] != 0))
                refuse(concat("its layer ", stageAt(id).name, " scales or shifts, this does not"));
            if (parts.bias)
                parts.bias->value.data()[c] = float(wanted.b[c]);
        }
    }

    Model& m_model;
    Runtime& m_runtime;
    const Program& m_program;
    const std::string& m_network;
    std::vector<const Instruction*> m_instructions; // by stage; null: image, auxiliary
};

} // namespace

void startFromProgram(Model& model, Runtime& runtime, const Program& program,
                      std::span<const Batch> batches, const std::string& network)
{
    ProgramStart(model, runtime, program, network).run(batches);
}

} // namespace stair
