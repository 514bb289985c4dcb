#include "core/train/evaluator.h"

#include "core/base/random.h"
#include "core/infer/engine.h"

#include <algorithm>

namespace stair {

namespace {

/// Mixes the run's seed so that re-estimation never follows the training order.
std::uint64_t recalibrationSeed(std::uint64_t seed)
{
    Random random(seed, RandomUse::Recalibration);
    const std::uint64_t high = random.bits();
    return high << 32 | random.bits();
}

/// mean += (sample - mean) / count, element by element.
void follow(std::vector<double>& mean, const std::vector<double>& sample, int count)
{
    if (mean.empty())
        mean.assign(sample.size(), 0);
    for (std::size_t i = 0; i < sample.size(); ++i)
        mean[i] += (sample[i] - mean[i]) / count;
}

} // namespace

int reestimationCount(std::size_t images, int batch, int batches)
{
    const std::int64_t stepsPerEpoch = std::int64_t(images) / batch;
    return int(std::min<std::int64_t>(batches, 4 * stepsPerEpoch));
}

void followMean(NormStatistics& mean, const NormStatistics& sample, int count)
{
    follow(mean.mean, sample.mean, count);
    follow(mean.variance, sample.variance, count);
}

std::vector<Batch> reestimationBatches(const ImageSet& set,
                                       const std::vector<std::uint32_t>& indices,
                                       BatchLoader::Options options, int batches)
{
    const int count = reestimationCount(indices.size(), options.batch, batches);
    options.seed = recalibrationSeed(options.seed);
    BatchLoader loader(set, indices, options);
    std::vector<Batch> all;
    for (int i = 0; i < count; ++i)
        all.push_back(loader.next());
    return all;
}

std::vector<NormStatistics> reestimateNorms(Model& model, Runtime& runtime, const ImageSet& set,
                                            const std::vector<std::uint32_t>& indices,
                                            BatchLoader::Options options, int batches)
{
    options.seed = recalibrationSeed(options.seed);
    std::vector<NormStatistics> means(model.stages().size());
    BatchLoader loader(set, indices, options);
    TrainingPass pass(model, runtime);
    const int count = reestimationCount(indices.size(), options.batch, batches);
    for (int i = 1; i <= count; ++i) {
        const Batch& batch = loader.next();
        pass.forward(
            {batch.pixels.data(), {batch.count, batch.height, batch.width, batch.channels}},
            PassMode::Reestimate);
        for (std::size_t stage = 0; stage < means.size(); ++stage)
            followMean(means[stage], pass.batchStatistics()[stage], i);
    }
    return means;
}

void forEachBatch(const ImageSet& set, const std::vector<std::uint32_t>* indices,
                  const Augmentation& augmentation, int batch, const VisitImages& visit)
{
    const ImageSize size = outputSize(augmentation, set.height, set.width);
    const std::size_t bytes = std::size_t(size.height) * size.width * set.channels;
    const int images = indices ? int(indices->size()) : set.count();
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint16_t> labels;
    for (int first = 0; first < images; first += batch) {
        const int count = std::min(batch, images - first);
        pixels.resize(std::size_t(count) * bytes);
        labels.resize(std::size_t(count));
        for (int i = 0; i < count; ++i) {
            const int image = indices ? int((*indices)[std::size_t(first + i)]) : first + i;
            centreCrop(augmentation, set.image(image), set.height, set.width, set.channels,
                       std::span(pixels).subspan(std::size_t(i) * bytes, bytes));
            labels[std::size_t(i)] = set.labels[std::size_t(image)];
        }
        visit({pixels.data(), {count, size.height, size.width, set.channels}}, labels);
    }
}

Metrics evaluateProgram(const Program& program, Runtime& runtime, const ImageSet& set,
                        const std::vector<std::uint32_t>* indices, const Augmentation& augmentation,
                        int classes)
{
    Engine engine(program, runtime);
    MetricsMeter meter(classes);
    forEachBatch(set, indices, augmentation, evaluationBatch,
                 [&](const ImageBytes& images, std::span<const std::uint16_t> labels) {
                     meter.add(engine.run(images), labels);
                 });
    return meter.value();
}

Metrics evaluateAsTrained(Model& model, Runtime& runtime, const ImageSet& set,
                          const Augmentation& augmentation, int classes)
{
    TrainingPass pass(model, runtime);
    MetricsMeter meter(classes);
    forEachBatch(set, nullptr, augmentation, evaluationBatch,
                 [&](const ImageBytes& images, std::span<const std::uint16_t> labels) {
                     meter.add(pass.forward(images, PassMode::Evaluate), labels);
                 });
    return meter.value();
}

} // namespace stair
