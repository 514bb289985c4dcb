#include "core/train/step_bench.h"

#include "core/base/random.h"
#include "core/base/stop_watch.h"
#include "core/nn/training_pass.h"
#include "core/ops/softmax_loss.h"
#include "core/train/optimizers.h"
#include "core/zoo/networks.h"

#include <algorithm>
#include <cmath>
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

} // namespace

Json runStepBench(const StepBench& bench)
{
    Runtime runtime(bench.threads);
    const NetworkInfo& info = network(bench.network);
    const Shape image{1, bench.imageSize, bench.imageSize, 3};
    Model model(info.build(image, classes, ParamValues(info.params)), bench.quant,
                {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}, 1);
    Random random(1, RandomUse::Test);
    std::vector<std::uint8_t> pixels(std::size_t(image.size()) * std::size_t(bench.batch));
    std::vector<std::uint16_t> labels(std::size_t(bench.batch));
    std::ranges::generate(pixels, [&random] { return std::uint8_t(random.bits()); });
    std::ranges::generate(labels, [&random] { return std::uint16_t(random.below(classes)); });

    std::vector<Parameter*> parameters = model.parameters();
    const OptimizerInfo& sgd = optimizer("sgd");
    const auto update = sgd.create(ParamValues(sgd.params), parameters);
    TrainingPass pass(model, runtime);
    std::vector<double> seconds;
    for (int step = 0; step < warmUpSteps + bench.steps; ++step) {
        double elapsed = 0;
        {
            const StopWatch watch(elapsed);
            const Tensor& logits
                = pass.forward({pixels.data(), image.withImages(bench.batch)}, PassMode::Train);
            Tensor dLogits(logits.shape());
            softmaxLoss(logits, labels, dLogits);
            pass.backward(dLogits);
            update->update(parameters, 0.01);
        }
        if (step >= warmUpSteps)
            seconds.push_back(elapsed);
        if (step + 1 == warmUpSteps)
            pass.resetTimes();
    }
    std::ranges::sort(seconds);
    return {{"network", bench.network},
            {"method", bench.quant.method},
            {"weight_bits", bench.quant.isFloat() ? floatBits : bench.quant.weightBits},
            {"activation_bits", bench.quant.isFloat() ? floatBits : bench.quant.activationBits},
            {"batch", bench.batch},
            {"threads", runtime.threads()},
            {"images_per_s", tenths(bench.batch / seconds[seconds.size() / 2])},
            {"best_images_per_s", tenths(bench.batch / seconds.front())},
            {"peak_rss_mib", peakMemoryMib()},
            {"layers", layerTimes(model, pass, bench.steps)}};
}

} // namespace stair
