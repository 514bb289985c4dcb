#include "core/nn/curvature.h"

#include "core/base/random.h"
#include "core/nn/training_pass.h"
#include "core/ops/softmax_loss.h"
#include "core/quant/perturbation.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// One batch through a model.
class CurvatureBatch
{
public:
    CurvatureBatch(Model& model, Runtime& runtime, const ImageBytes& images,
                   std::span<const std::uint16_t> labels)
        : m_pass(model, runtime)
        , m_images(images)
        , m_labels(labels)
    {
        if (!std::ranges::all_of(model.quantizers(), &Quantizer::isInitialised))
            m_pass.forward(images, PassMode::Reestimate);
    }

    void findGradients(Perturbation& perturbation)
    {
        const Tensor& logits = m_pass.forward(m_images, perturbation);
        Tensor dLogits(logits.shape());
        softmaxLoss(logits, m_labels, dLogits);
        m_pass.addAuxiliaryLoss(m_labels);
        m_pass.backward(dLogits);
    }

private:
    TrainingPass m_pass;
    ImageBytes m_images;
    std::span<const std::uint16_t> m_labels;
};

} // namespace

std::vector<Curvature> estimateCurvature(Model& model, Runtime& runtime, const ImageBytes& images,
                                         std::span<const std::uint16_t> labels,
                                         std::span<Quantizer* const> targets,
                                         const CurvatureProbe& probe)
{
    CurvatureBatch batch(model, runtime, images, labels);
    Random random(probe.seed, RandomUse::Curvature);
    std::vector<GradientSums> all(targets.size()); // along: of the differences
    for (int vector = 0; vector < probe.vectors; ++vector) {
        const std::uint64_t high = random.bits();
        const auto direction = rademacher(high << 32 | random.bits());
        Perturbation forwards(targets, probe.size, direction);
        Perturbation backwards(targets, -probe.size, direction);
        batch.findGradients(forwards);
        batch.findGradients(backwards);
        for (std::size_t i = 0; i < targets.size(); ++i) {
            GradientSums opposite = backwards.sums(*targets[i]);
            opposite.along = -opposite.along;
            all[i] += forwards.sums(*targets[i]);
            all[i] += opposite;
        }
    }
    std::vector<Curvature> result;
    for (const GradientSums& sums : all) {
        // Two passes a vector are in count: sum of (v g+ - v g-) / (2 size) over vectors N.
        const double count = double(std::max<std::int64_t>(1, sums.count));
        const double mean = sums.sum / count;
        result.push_back({sums.along / (probe.size * count),
                          std::sqrt(std::max(0.0, sums.square / count - mean * mean))});
    }
    return result;
}

double curvatureLambda(std::span<const Curvature> batches)
{
    double sum = 0;
    for (const Curvature& c : batches)
        sum += c.meanTrace / (3 * c.deviation);
    const double lambda = sum / double(batches.size());
    return std::isfinite(lambda) ? std::max(0.0, lambda) : 0;
}

} // namespace stair
