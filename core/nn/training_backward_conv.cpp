#include "core/nn/training_kept.h"
#include "core/ops/conv2d.h"
#include "core/ops/integer/conv_codes_backward.h"

#include <vector>

namespace stair {

/// dAcc: the gradient of the layer's output in real units.
void TrainingPass::backwardConv(int id, const Tensor& dAcc)
{
    Model::StageParts& parts = m_model.parts(id);
    if (GradientQuantizer* quantizer = gradientQuantizer(id))
        quantizer->observe(dAcc);
    weightGradient(id, dAcc);
    if (stageAt(stageAt(id).source.stage).compute != Compute::Image)
        dataGradient(id, dAcc);
    kept(id).weightCodes = Codes();
    if (parts.weightQuantizer && m_perturbation)
        m_perturbation->measureWeights(*parts.weightQuantizer, parts.weight->gradient);
    else if (parts.weightQuantizer)
        weightsBackward(*parts.weightQuantizer, parts.weight->value, parts.weight->gradient);
}

/// Of the layer's output gradient; null where that stays float.
GradientQuantizer* TrainingPass::gradientQuantizer(int id) const
{
    return m_perturbation ? nullptr : m_model.parts(id).gradientQuantizer.get();
}

Shape TrainingPass::seenShape(int id) const
{
    const Stage& stage = stageAt(id);
    return stage.conv.seenShape(batched(stageAt(stage.source.stage).output));
}

void TrainingPass::weightGradient(int id, const Tensor& dAcc)
{
    const Stage& stage = stageAt(id);
    Value& from = kept(stage.source.stage).values[std::size_t(stage.source.view)];
    Model::StageParts& parts = m_model.parts(id);
    GradientQuantizer* quantizer = gradientQuantizer(id);
    if (!quantizer) {
        floatWeightGradient(id, dAcc);
        return;
    }
    QuantizedGradient gradient = quantizer->quantize(dAcc, GradientUse::Weights, m_runtime.pool());
    if (!gradient.codes || !from.codes) {
        floatWeightGradient(id, stair::realValues(std::move(gradient), m_runtime.pool()));
        return;
    }
    std::vector<float> scales;
    for (int c = 0; c < stage.conv.outC; ++c)
        scales.push_back(gradient.step(c) * from.step);
    const Shape original = from.codes.shape();
    from.codes.reshape(seenShape(id));
    convCodesBackwardWeights(m_runtime, stage.conv, from.codes, gradient.codes, scales,
                             parts.weight->gradient);
    from.codes.reshape(original);
}

void TrainingPass::floatWeightGradient(int id, const Tensor& dAcc)
{
    const Stage& stage = stageAt(id);
    Tensor real = realValues(stage.source);
    Tensor& source
        = real ? real : kept(stage.source.stage).values[std::size_t(stage.source.view)].floats;
    const Shape original = source.shape();
    source.reshape(seenShape(id));
    conv2dBackwardWeights(m_runtime, stage.conv, source, dAcc, m_model.parts(id).weight->gradient);
    source.reshape(original);
}

void TrainingPass::dataGradient(int id, const Tensor& dAcc)
{
    const Stage& stage = stageAt(id);
    const GradientQuantizer* quantizer = gradientQuantizer(id);
    auto dSource = std::make_shared<Tensor>(seenShape(id), m_runtime.pool());
    if (quantizer)
        quantizedDataGradient(id, quantizer->quantize(dAcc, GradientUse::Data, m_runtime.pool()),
                              *dSource);
    else
        floatDataGradient(id, dAcc, *dSource);
    dSource->reshape(batched(stageAt(stage.source.stage).output));
    addGradient(stage.source, std::move(dSource));
}

/// On integers where one scale serves all products.
void TrainingPass::quantizedDataGradient(int id, QuantizedGradient gradient, Tensor& dSource)
{
    const Codes& weight = kept(id).weightCodes;
    const Quantizer* quantizer = m_model.parts(id).weightQuantizer.get();
    if (gradient.codes && weight && quantizer->steps() == 1)
        convCodesBackwardData(m_runtime, stageAt(id).conv, gradient.codes, weight,
                              gradient.step(0) * quantizer->step(), dSource);
    else
        floatDataGradient(id, stair::realValues(std::move(gradient), m_runtime.pool()), dSource);
}

void TrainingPass::floatDataGradient(int id, const Tensor& dAcc, Tensor& dSource)
{
    const Tensor& real = kept(id).realWeight;
    conv2dBackwardData(m_runtime, stageAt(id).conv, dAcc,
                       real ? real : m_model.parts(id).weight->value, dSource);
}

} // namespace stair
