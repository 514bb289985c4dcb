#include "core/base/assert.h"
#include "core/base/stop_watch.h"
#include "core/nn/epilogue_backward.h"
#include "core/nn/training_kept.h"
#include "core/ops/blocking.h"
#include "core/ops/column_sums.h"
#include "core/ops/eltwise.h"
#include "core/ops/shortcut.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

void TrainingPass::addGradient(const Reading& reading, std::shared_ptr<const Tensor> gradient)
{
    kept(reading.stage).gradients[std::size_t(reading.view)].push_back(std::move(gradient));
}

void TrainingPass::backward(const Tensor& dLogits)
{
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
        if (stage.compute == Compute::MaxPool)
            maxPoolBackward(stage.pool, sum, k.moveWinners[v], *dSource);
        else
            padShortcutBackward(stage.shortcut, sum, *dSource);
        addGradient({stage.source.stage, stage.views[v].movedFrom}, std::move(dSource));
    }
}

/// From the readers' gradients to the gradient before the activation, and the sums that batch norm
/// or bias need.
std::shared_ptr<Tensor> TrainingPass::backwardEpilogue(int id)
{
    const Stage& stage = stageAt(id);
    Kept& k = kept(id);
    const Value* skip = stage.skip ? &value(stage.skip->stage, stage.skip->view) : nullptr;
    EpilogueBackward epilogue(k.acc, k.affine, stage.activation, skip);
    for (std::size_t v = 0; v < stage.views.size(); ++v) {
        if (!k.gradients[v].empty())
            epilogue.addView(m_model.parts(id).viewQuantizers[v].get(), k.gradients[v]);
    }
    auto gradient = std::make_shared<Tensor>(k.acc.shape(), m_runtime.pool());
    k.sums = epilogue.run(*gradient);
    return gradient;
}

/// Through batch norm (or bias) to the gradient of the real value before it; dAcc may be
/// `gradient` itself.
void TrainingPass::finishNorm(int id, Tensor& gradient, Tensor& dAcc)
{
    Kept& k = kept(id);
    Model::StageParts& parts = m_model.parts(id);
    const ColumnSums& sums = k.sums;
    const std::size_t channels = sums.first.size();
    if (parts.bias) {
        for (std::size_t c = 0; c < channels; ++c)
            parts.bias->gradient.data()[c] = float(sums.first[c]);
    }
    if (!parts.norm) {
        if (&dAcc != &gradient)
            std::ranges::copy(gradient.values(), dAcc.data());
        return;
    }
    // With xhat = (acc * accScale - mean) / deviation and N rows (Ioffe and Szegedy 2015):
    // d(acc * accScale) = scale / deviation * (g - sum(g) / N - xhat * sum(g * xhat) / N)
    //                   = a * g + b * acc + c
    const double count = double(k.acc.shape().rows());
    std::vector<float> a, b, c;
    for (std::size_t i = 0; i < channels; ++i) {
        const double inverse = 1 / std::sqrt(k.statistics.variance[i] + normEpsilon);
        const double mean = k.statistics.mean[i];
        const double slope = double(parts.norm->scale.value.data()[i]) * inverse;
        const double sumGx = inverse * (k.accScale[i] * sums.second[i] - mean * sums.first[i]);
        parts.norm->scale.gradient.data()[i] = float(sumGx);
        parts.norm->shift.gradient.data()[i] = float(sums.first[i]);
        const double share = k.batchNormalised ? slope * inverse * sumGx / count : 0;
        const double offset = k.batchNormalised ? slope * sums.first[i] / count : 0;
        a.push_back(float(slope));
        b.push_back(float(-share * k.accScale[i]));
        c.push_back(float(share * mean - offset));
    }
    const Blocking blocking(gradient.shape());
    const std::vector<float> at = blocking.overTile(a), bt = blocking.overTile(b),
                             ct = blocking.overTile(c);
    forEachTile(blocking, [&](std::int64_t, std::int64_t offset, std::size_t size) {
        tile::affinePair(gradient.data() + offset, k.acc.data() + offset, at.data(), bt.data(),
                         ct.data(), dAcc.data() + offset, size);
    });
}

void TrainingPass::backwardCompute(int id, Tensor dAcc)
{
    const Stage& stage = stageAt(id);
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

} // namespace stair
