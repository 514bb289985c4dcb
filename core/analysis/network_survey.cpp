#include "core/analysis/network_survey.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/nn/training_pass.h"
#include "core/ops/eltwise.h"
#include "core/ops/simd/tile_kernels.h"
#include "core/ops/softmax_loss.h"
#include "core/train/evaluator.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int surveyBatch = 64;

/// Gradients are looked for where the network stands.
void nowhere(const Quantizer&, std::int64_t, std::span<float> v)
{
    std::ranges::fill(v, 0.0f);
}

} // namespace

NetworkSurvey::NetworkSurvey(Model& model, Runtime& runtime, const ImageSet& set,
                             const std::vector<std::uint32_t>& images,
                             const Augmentation& augmentation)
    : m_model(model)
    , m_runtime(runtime)
    , m_set(set)
    , m_images(images)
    , m_augmentation(augmentation)
    , m_results(model.stages().size())
    , m_weightFisher(model.stages().size())
{
    measureResults();
    measureGradients();
}

std::optional<double> NetworkSurvey::activationFisher(const Quantizer* quantizer) const
{
    const auto found = m_activationFisher.find(quantizer);
    return found == m_activationFisher.end() ? std::nullopt : std::optional(found->second);
}

/// Calls see(stage, real values) for every stage with an epilogue and every batch.
template<typename See>
void NetworkSurvey::forEachResult(const See& see)
{
    TrainingPass pass(m_model, m_runtime);
    forEachBatch(m_set, &m_images, m_augmentation, surveyBatch,
                 [&](const ImageBytes& images, std::span<const std::uint16_t>) {
                     pass.forward(images, PassMode::TrainFrozenNorm);
                     for (int id = 1; id < int(m_model.stages().size()); ++id) {
                         if (m_model.stages()[std::size_t(id)].hasEpilogue())
                             see(id, pass.realResult(id).values());
                     }
                 });
}

/// Twice, since a histogram needs its peak first.
void NetworkSurvey::measureResults()
{
    std::vector<float> peaks(m_results.size());
    forEachResult([&](int id, std::span<const float> x) {
        const float peak = tile::absMax(x.data(), x.size());
        const bool isFinite = std::ranges::all_of(x, [](float v) { return std::isfinite(v); });
        if (!isFinite)
            throw Error(concat("[survey] the network gives values that are not finite at ",
                               m_model.stages()[std::size_t(id)].outputName,
                               "; choose another checkpoint"));
        peaks[std::size_t(id)] = std::max(peaks[std::size_t(id)], peak);
    });
    for (int id = 1; id < int(m_results.size()); ++id) {
        if (m_model.stages()[std::size_t(id)].hasEpilogue())
            m_results[std::size_t(id)].emplace(peaks[std::size_t(id)]);
    }
    forEachResult([this](int id, std::span<const float> x) { m_results[std::size_t(id)]->add(x); });
}

void NetworkSurvey::measureGradients()
{
    TrainingPass pass(m_model, m_runtime);
    const std::vector<Quantizer*> targets = m_model.quantizers();
    forEachBatch(m_set, &m_images, m_augmentation, surveyBatch,
                 [&](const ImageBytes& images, std::span<const std::uint16_t> labels) {
                     Perturbation perturbation(targets, 0, nowhere);
                     const Tensor& logits = pass.forward(images, perturbation);
                     Tensor dLogits(logits.shape());
                     softmaxLoss(logits, labels, dLogits);
                     pass.addAuxiliaryLoss(labels);
                     pass.backward(dLogits);
                     const double count = images.shape.n;
                     const double share
                         = count * count / double(m_images.size()); // size times its share
                     for (int id = 0; id < int(m_weightFisher.size()); ++id) {
                         if (const auto& weight = m_model.parts(id).weight) {
                             const double length = norm(weight->gradient);
                             m_weightFisher[std::size_t(id)] += share * length * length;
                         }
                     }
                     for (const Quantizer* quantizer : targets) {
                         if (quantizer->kind() != QuantizerKind::Activation)
                             continue;
                         const double unit = quantizer->levelStep();
                         m_activationFisher[quantizer]
                             += share * perturbation.sums(*quantizer).square / (unit * unit);
                     }
                 });
}

} // namespace stair
