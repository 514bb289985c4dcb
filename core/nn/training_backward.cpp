#include "core/base/assert.h"
#include "core/base/stop_watch.h"
#include "core/nn/epilogue_backward.h"
#include "core/nn/training_kept.h"
#include "core/ops/channels.h"
#include "core/ops/eltwise.h"
#include "core/ops/softmax_loss.h"

#include <algorithm>

namespace stair {

void TrainingPass::addGradient(const Reading& reading, std::shared_ptr<const Tensor> gradient)
{
    kept(reading.stage).gradients[std::size_t(reading.view)].push_back(std::move(gradient));
}

double TrainingPass::addAuxiliaryLoss(std::span<const std::uint16_t> labels)
{
    const int id = auxiliaryOutput(m_model.stages());
    if (id < 0)
        return 0;
    const double weight = m_model.graph().auxiliary()->weight;
    const Tensor& logits = value(id, 0).floats;
    auto gradient = std::make_shared<Tensor>(logits.shape(), m_runtime.pool());
    const double loss = softmaxLoss(logits, labels, *gradient);
    for (float& g : gradient->values())
        g *= float(weight);
    addGradient({id, 0}, std::move(gradient));
    return weight * loss;
}

void TrainingPass::backward(const Tensor& dLogits)
{
    const int auxiliary = auxiliaryOutput(m_model.stages());
    require(auxiliary < 0 || !kept(auxiliary).gradients.front().empty(),
            "the auxiliary head's loss is added before the backward pass");
    for (Quantizer* quantizer : m_model.quantizers())
        quantizer->startGradients();
    auto gradient = std::make_shared<Tensor>(dLogits.shape(), m_runtime.pool());
    std::ranges::copy(dLogits.values(), gradient->data());
    addGradient({int(m_kept.size()) - 1, 0}, std::move(gradient));
    for (int id = int(m_kept.size()) - 1; id > 0; --id) {
        const StopWatch watch(m_times[std::size_t(id)].backward);
        backwardStage(id);
        m_kept[std::size_t(id)]->acc = Tensor();
        m_kept[std::size_t(id)]->values.clear();
        m_kept[std::size_t(id)]->gradients.clear();
        m_kept[std::size_t(id)]->realWeight = Tensor();
    }
}

void TrainingPass::backwardStage(int id)
{
    const Stage& stage = stageAt(id);
    if (!stage.hasEpilogue()) {
        backwardMoves(id);
        return;
    }
    Kept& k = kept(id);
    std::shared_ptr<Tensor> gradient = backwardEpilogue(id);
    // A join's gradient is the skip's as well, so it may not be overwritten.
    if (stage.skip) {
        addGradient(*stage.skip, gradient);
        Tensor dAcc(gradient->shape(), m_runtime.pool());
        finishNorm(id, *gradient, dAcc);
        gradient.reset();
        k.acc = Tensor();
        backwardCompute(id, std::move(dAcc));
        return;
    }
    finishNorm(id, *gradient, *gradient);
    k.acc = Tensor();
    backwardCompute(id, std::move(*gradient));
}

void TrainingPass::backwardMoves(int id)
{
    const Stage& stage = stageAt(id);
    Kept& k = kept(id);
    for (std::size_t v = 0; v < stage.views.size(); ++v) {
        if (k.gradients[v].empty())
            continue;
        Tensor sum(batched(stage.output), m_runtime.pool());
        std::ranges::copy(k.gradients[v][0]->values(), sum.data());
        for (std::size_t i = 1; i < k.gradients[v].size(); ++i)
            addInto(*k.gradients[v][i], sum);
        auto dSource = std::make_shared<Tensor>(batched(stageAt(stage.source.stage).output),
                                                m_runtime.pool());
        runMoveBackward(stage.move, sum, k.moveWinners[v], *dSource);
        addGradient({stage.source.stage, stage.views[v].movedFrom}, std::move(dSource));
    }
}

/// From the readers' gradients to the gradient before the activation, and the sums that batch norm
/// or bias need.
std::shared_ptr<Tensor> TrainingPass::backwardEpilogue(int id)
{
    const Stage& stage = stageAt(id);
    Kept& k = kept(id);
    if (stage.compute == Compute::Concat)
        k.acc = join(id);
    const Value* skip = stage.skip ? &value(stage.skip->stage, stage.skip->view) : nullptr;
    EpilogueBackward epilogue(k.acc, k.affine, stage.activation, skip, m_perturbation);
    for (std::size_t v = 0; v < stage.views.size(); ++v) {
        Quantizer* quantizer = m_model.parts(id).viewQuantizers[v].get();
        if (!k.gradients[v].empty())
            epilogue.addView(quantizer, k.gradients[v],
                             quantizer ? firstElement(id, *quantizer) : 0);
    }
    auto gradient = std::make_shared<Tensor>(k.acc.shape(), m_runtime.pool());
    k.sums = epilogue.run(*gradient);
    return gradient;
}

void TrainingPass::backwardCompute(int id, Tensor dAcc)
{
    const Stage& stage = stageAt(id);
    if (stage.compute == Compute::Concat) {
        backwardJoin(id, dAcc);
        return;
    }
    if (stage.compute == Compute::Add) {
        const auto dParts = std::make_shared<Tensor>(std::move(dAcc));
        for (const Reading& part : stage.parts)
            addGradient(part, dParts);
        return;
    }
    const bool fromImage = stageAt(stage.source.stage).compute == Compute::Image;
    if (stage.poolBefore) {
        Tensor full(batched(stage.computed), m_runtime.pool());
        maxPoolBackward(*stage.poolBefore, dAcc, kept(id).winners, full);
        dAcc = std::move(full);
    }
    if (stage.compute == Compute::Conv) {
        backwardConv(id, dAcc);
        return;
    }
    if (fromImage)
        return;
    if (stage.compute == Compute::SumPool) {
        auto dSource = std::make_shared<Tensor>(batched(stageAt(stage.source.stage).output),
                                                m_runtime.pool());
        sumPoolBackward(stage.sum, dAcc, 1.0f / float(stage.sum.pixels()), *dSource);
        addGradient(stage.source, std::move(dSource));
    } else {
        addGradient(stage.source, std::make_shared<Tensor>(std::move(dAcc)));
    }
}

/// Each part gets its own channels' gradient.
void TrainingPass::backwardJoin(int id, const Tensor& dAcc)
{
    int first = 0;
    for (const Reading& part : stageAt(id).parts) {
        const Shape& shape = stageAt(part.stage).output;
        if (stageAt(part.stage).compute != Compute::Image) {
            auto dPart = std::make_shared<Tensor>(batched(shape), m_runtime.pool());
            sliceChannels({first, shape.c}, dAcc, *dPart);
            addGradient(part, std::move(dPart));
        }
        first += shape.c;
    }
}

} // namespace stair
