#include "core/train/step_bench.h"

#include "core/base/random.h"
#include "core/base/stop_watch.h"
#include "core/data/batch_loader.h"
#include "core/nn/training_pass.h"
#include "core/ops/softmax_loss.h"
#include "core/train/optimizers.h"
#include "core/zoo/networks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <sys/resource.h>

namespace stair {

namespace {

constexpr int warmUpSteps = 2;
constexpr int classes = 10;

double tenths(double value)
{
    return std::round(value * 10) / 10;
}

std::int64_t peakMemoryMib()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

Json layerTimes(const Model& model, const TrainingPass& pass, int steps)
{
    Json layers = Json::array();
    for (std::size_t i = 0; i < model.stages().size(); ++i) {
        const StageTime& time = pass.times()[i];
        layers.push_back({{"name", model.stages()[i].name},
                          {"forward_ms", std::round(time.forward / steps * 1e6) / 1e3},
                          {"backward_ms", std::round(time.backward / steps * 1e6) / 1e3}});
    }
    return layers;
}

ImageSet syntheticImages(const StepBench& bench)
{
    constexpr int batches = 4;
    ImageSet set{bench.imageSize, bench.imageSize, 3, {}, {}};
    Random random(1, RandomUse::Test);
    set.labels.resize(std::size_t(bench.batch) * (bench.loader ? batches : 1));
    set.pixels.resize(set.labels.size() * set.imageBytes());
    std::ranges::generate(set.pixels, [&random] { return std::uint8_t(random.bits()); });
    std::ranges::generate(set.labels, [&random] { return std::uint16_t(random.below(classes)); });
    return set;
}

/// The batches of a bench, and what they cost.
class BatchSource
{
public:
    explicit BatchSource(const StepBench& bench)
        : m_images(syntheticImages(bench))
        , m_indices(m_images.labels.size())
    {
        std::iota(m_indices.begin(), m_indices.end(), 0u);
        m_options.batch = bench.batch;
        if (!bench.loader) {
            m_fixed = makeBatch(m_images, m_indices, m_options, {});
            return;
        }
        m_options.augmentation
            = {.pad = 4, .cropHeight = bench.imageSize, .cropWidth = bench.imageSize, .flip = true};
        constexpr int samples = 5;
        for (int i = 0; i < samples; ++i) {
            const StopWatch watch(m_work);
            makeBatch(m_images, m_indices, m_options, {.epoch = i, .step = 0});
        }
        m_work /= samples;
        m_loader.emplace(m_images, m_indices, m_options);
    }

    const Batch& next() { return m_loader ? m_loader->next() : m_fixed; }
    double waited() const { return m_loader ? m_loader->waited() : 0; }
    double work() const { return m_work; } // seconds of one batch

private:
    ImageSet m_images;
    std::vector<std::uint32_t> m_indices;
    BatchLoader::Options m_options;
    Batch m_fixed;
    double m_work = 0;
    std::optional<BatchLoader> m_loader;
};

Json loaderCost(double waitSeconds, double workSeconds, double stepSeconds)
{
    return {{"wait_ms", std::round(waitSeconds * 1e6) / 1e3},
            {"work_ms", std::round(workSeconds * 1e6) / 1e3},
            {"share", (waitSeconds + workSeconds) / stepSeconds}};
}

} // namespace

Json runStepBench(const StepBench& bench)
{
    Runtime runtime(bench.threads);
    const NetworkInfo& info = network(bench.network);
    const Shape image{1, bench.imageSize, bench.imageSize, 3};
    Model model(info.build(image, classes, ParamValues(info.params)), bench.quant,
                {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}, 1);
    BatchSource source(bench);
    std::vector<Parameter*> parameters = model.parameters();
    const OptimizerInfo& sgd = optimizer("sgd");
    const auto update = sgd.create(ParamValues(sgd.params), parameters);
    TrainingPass pass(model, runtime);
    std::vector<double> seconds;
    double waitedBefore = 0;
    for (int step = 0; step < warmUpSteps + bench.steps; ++step) {
        double elapsed = 0;
        {
            const StopWatch watch(elapsed);
            const Batch& batch = source.next();
            model.advance({.step = step, .progress = 0, .epoch = 0, .seed = 1, .stream = 0});
            const Tensor& logits = pass.forward(
                {batch.pixels.data(), image.withImages(bench.batch)}, PassMode::Train);
            Tensor dLogits(logits.shape());
            softmaxLoss(logits, batch.labels, dLogits);
            pass.addAuxiliaryLoss(batch.labels);
            pass.backward(dLogits);
            model.beforeUpdate();
            update->update(parameters, 0.01);
            model.afterUpdate();
            pass.updateRunningStatistics();
        }
        if (step >= warmUpSteps)
            seconds.push_back(elapsed);
        if (step + 1 == warmUpSteps) {
            pass.resetTimes();
            waitedBefore = source.waited();
        }
    }
    std::ranges::sort(seconds);
    const double median = seconds[seconds.size() / 2];
    Json result
        = {{"network", bench.network},
           {"method", bench.quant.method},
           {"weight_bits", bench.quant.isFloat() ? floatBits : bench.quant.weightBits},
           {"activation_bits", bench.quant.isFloat() ? floatBits : bench.quant.activationBits},
           {"batch", bench.batch},
           {"threads", runtime.threads()},
           {"images_per_s", tenths(bench.batch / median)},
           {"best_images_per_s", tenths(bench.batch / seconds.front())},
           {"peak_rss_mib", peakMemoryMib()},
           {"layers", layerTimes(model, pass, bench.steps)}};
    if (bench.loader)
        result["loader"]
            = loaderCost((source.waited() - waitedBefore) / bench.steps, source.work(), median);
    return result;
}

} // namespace stair
