#include "core/base/stop_watch.h"
#include "core/infer/engine.h"
#include "core/train/evaluator.h"
#include "core/train/trainer_state.h"

#include <algorithm>

// What an evaluation would take, from a piece of each of its parts.

namespace stair {

namespace {

/// Seconds an image that run() takes over a batch of test images, after another one in which kernels
/// are chosen.
template<typename Run>
double secondsAnImage(const ImageSet& set, const Augmentation& crop, const Run& run)
{
    const int batchSize = int(std::min<std::int64_t>(evaluationBatch, set.count()));
    std::vector<std::uint32_t> images(2 * std::size_t(batchSize));
    for (std::size_t i = 0; i < images.size(); ++i)
        images[i] = std::uint32_t(i % std::size_t(set.count()));
    double seconds = 0;
    forEachBatch(set, &images, crop, batchSize,
                 [&](const ImageBytes& batch, std::span<const std::uint16_t>) {
                     seconds = 0;
                     const StopWatch watch(seconds);
                     run(batch);
                 });
    return seconds / batchSize;
}

} // namespace

/// Follows evaluate().
double Trainer::State::evaluationSeconds()
{
    const Augmentation& crop = spec.data.augment;
    const bool isReestimated = !model.quant().isFloat() && !(calibrated && step == 0);
    double seconds = 0;
    std::optional<std::vector<NormStatistics>> statistics;
    if (isReestimated) {
        const auto reestimate = [&](int batches) {
            return reestimateNorms(model, runtime, data.train, split.train, loaderOptions(),
                                   batches);
        };
        reestimate(1); // chooses kernels
        double one = 0, two = 0;
        {
            const StopWatch watch(one);
            statistics = reestimate(1);
        }
        {
            const StopWatch watch(two);
            reestimate(2);
        }
        // The loader's start is in both, and comes once.
        const int others = reestimationCount(split.train.size(), spec.data.batch) - 1;
        seconds = one + std::max(0.0, two - one) * others;
    }
    const Program shipped = lower(model, statistics ? &*statistics : nullptr);
    Engine engine(shipped, runtime);
    const auto images
        = double(split.validation.size()) + double(data.test.count()) * (isReestimated ? 2 : 1);
    seconds += images * secondsAnImage(data.test, crop, [&engine](const ImageBytes& batch) {
                   engine.run(batch);
               });
    if (isReestimated && std::ranges::any_of(model.quantizers(), &Quantizer::isSoft)) {
        TrainingPass soft(model, runtime);
        seconds += data.test.count()
            * secondsAnImage(data.test, crop, [&soft](const ImageBytes& batch) {
                       soft.forward(batch, PassMode::Evaluate);
                   });
    }
    return seconds;
}

double Trainer::evaluationSeconds()
{
    return m_state->evaluationSeconds();
}

} // namespace stair
