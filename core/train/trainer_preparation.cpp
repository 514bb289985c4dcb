#include "core/base/concat.h"
#include "core/base/random.h"
#include "core/nn/curvature.h"
#include "core/quant/methods.h"
#include "core/train/calibration.h"
#include "core/train/trainer_state.h"

#include <algorithm>

// What some methods ask for before a step.

namespace stair {

namespace {

/// Whether a tensor's lambda has not been estimated yet.
bool isUnset(const Quantizer* quantizer)
{
    return quantizer->lambda()->data()[0] < 0;
}

std::string curvatureText(const std::vector<double>& lambdas, int batches)
{
    const auto [least, most] = std::ranges::minmax(lambdas);
    return concat("delta from the Hessian's trace over ", batches, " batches: ", least, " to ",
                  most, ", 0 for ", std::ranges::count(lambdas, 0.0), " of ", lambdas.size(),
                  " tensors");
}

} // namespace

/// Before the first step of a method that is calibrated, and when a change of widths has made codes of
/// what was float. What it found is in the checkpoints.
void Trainer::State::calibrateOnce(TrainObserver& observer)
{
    const MethodInfo& info = method(model.quant().method);
    if (!info.calibration
        || (calibrated && std::ranges::all_of(model.quantizers(), &Quantizer::isInitialised)))
        return;
    const int wanted = info.calibration(model.quant().params).images;
    const auto images = calibrationImages(split.train, wanted, spec.seed);
    if (int(images.size()) < wanted)
        observer.onNotice(step,
                          concat("calibrated on ", images.size(), " images: there are no ", wanted,
                                 " to train on (quant.params.images)"));
    calibrate(model, runtime, data.train, images, spec.data.augment);
    calibrated = true;
}

/// Where the method's CurvaturePlan wants lambdas now: before its first step, where widths have
/// changed, and at every so many epochs' start. They are in the checkpoints.
void Trainer::State::refreshCurvature(TrainObserver& observer)
{
    const MethodInfo& info = method(model.quant().method);
    const auto plan = info.curvature ? info.curvature(model.quant().params) : std::nullopt;
    std::vector<Quantizer*> targets = model.quantizers();
    std::erase_if(targets, [](const Quantizer* quantizer) { return !quantizer->lambda(); });
    if (!plan || targets.empty())
        return;
    const std::int64_t perEpoch = loader->stepsPerEpoch();
    const std::int64_t epoch = step / perEpoch;
    const bool isDue = step % perEpoch == 0 && epoch % plan->refresh == 0;
    if (!isDue && std::ranges::none_of(targets, isUnset))
        return;
    // Batches in an order of their own, so that none is trained on next.
    BatchLoader::Options options = loaderOptions();
    options.seed = Random(spec.seed, RandomUse::Curvature).bits();
    Random seeds(spec.seed, RandomUse::Curvature, 1 + std::uint64_t(step));
    const int batches = int(std::min<std::int64_t>(plan->batches, perEpoch));
    std::vector<std::vector<Curvature>> found(targets.size());
    for (int i = 0; i < batches; ++i) {
        const Batch batch
            = makeBatch(data.train, split.train, options, {.epoch = epoch, .step = i});
        const auto curvatures = estimateCurvature(
            model, runtime,
            {batch.pixels.data(), {batch.count, batch.height, batch.width, batch.channels}},
            batch.labels, targets, {.vectors = plan->vectors, .seed = seeds.bits()});
        for (std::size_t t = 0; t < targets.size(); ++t)
            found[t].push_back(curvatures[t]);
    }
    std::vector<double> lambdas;
    for (std::size_t t = 0; t < targets.size(); ++t) {
        lambdas.push_back(curvatureLambda(found[t]));
        targets[t]->lambda()->fill(float(lambdas.back()));
    }
    observer.onNotice(step, curvatureText(lambdas, batches));
    clock.leaveOut();
}

} // namespace stair
