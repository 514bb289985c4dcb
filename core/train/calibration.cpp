#include "core/train/calibration.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/nn/training_pass.h"
#include "core/ops/simd/tile_kernels.h"
#include "core/quant/methods.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace stair {

namespace {

constexpr int calibrationBatch = 64;

/// All images, cropped, in batches.
class ImageBatches
{
public:
    ImageBatches(const ImageSet& set, std::span<const std::uint32_t> images,
                 const Augmentation& augmentation)
        : m_count(int(images.size()))
        , m_size(outputSize(augmentation, set.height, set.width))
        , m_channels(set.channels)
        , m_pixels(images.size() * imageBytes())
    {
        for (std::size_t i = 0; i < images.size(); ++i)
            centreCrop(augmentation, set.image(int(images[i])), set.height, set.width, set.channels,
                       std::span(m_pixels).subspan(i * imageBytes(), imageBytes()));
    }

    int count() const { return (m_count + calibrationBatch - 1) / calibrationBatch; }
    ImageBytes batch(int i) const
    {
        const int first = i * calibrationBatch;
        return {
            m_pixels.data() + std::size_t(first) * imageBytes(),
            {std::min(calibrationBatch, m_count - first), m_size.height, m_size.width, m_channels}};
    }
    /// Of all images.
    double share(int batch) const { return double(this->batch(batch).shape.n) / m_count; }

private:
    std::size_t imageBytes() const
    {
        return std::size_t(m_size.height) * std::size_t(m_size.width) * std::size_t(m_channels);
    }

    int m_count;
    ImageSize m_size;
    int m_channels;
    std::vector<std::uint8_t> m_pixels;
};

/// The same network in float: stages have the same numbers, since the graph alone makes them.
class FloatTwin
{
public:
    explicit FloatTwin(Model& model)
        : m_model(model.graph(), model.quant().asFloat(), model.normalisation(), 0)
    {
        std::map<std::string, const Tensor*> theirs;
        model.forEachTensor(
            [&theirs](const std::string& name, Tensor& tensor) { theirs[name] = &tensor; });
        m_model.forEachTensor([&theirs](const std::string& name, Tensor& tensor) {
            std::ranges::copy(theirs.at(name)->values(), tensor.data());
        });
        require(m_model.stages().size() == model.stages().size(), "a float twin has the stages");
    }
    Model& model() { return m_model; }

private:
    Model m_model;
};

/// Where corrections go: stages with a batch norm or a bias.
bool isCorrected(const Model& model, int id)
{
    return model.parts(id).norm || model.parts(id).bias;
}

/// Whether the stage has activation quantizers of its own.
bool isQuantized(const Model& model, int id)
{
    const Stage& stage = model.stages()[std::size_t(id)];
    return stage.compute != Compute::Image && stage.hasEpilogue()
        && std::ranges::any_of(model.parts(id).viewQuantizers,
                               [](const auto& quantizer) { return bool(quantizer); });
}

class Calibration
{
public:
    Calibration(Model& model, Runtime& runtime, const ImageBatches& images)
        : m_model(model)
        , m_twin(model)
        , m_runtime(runtime)
        , m_plan(method(model.quant().method).calibration(model.quant().params))
        , m_images(images)
        , m_peaks(model.stages().size())
        , m_means(model.stages().size())
    {
    }

    void run()
    {
        for (int id = 0; id < stages(); ++id) {
            Quantizer* quantizer = m_model.parts(id).weightQuantizer.get();
            if (!quantizer)
                continue;
            quantizer->setInitialised(false);
            observeWeights(*quantizer, m_model.parts(id).weight->value);
            if (!quantizer->isInitialised())
                throw Error(
                    concat("calibration: ", m_model.parts(id).weight->name,
                           " has values that are not finite; choose another training.from"));
        }
        measurePeaks();
        searchActivations();
        if (m_plan.correctsBias)
            correct();
    }

private:
    int stages() const { return int(m_model.stages().size()); }
    const std::string& nameOf(int id) const { return m_model.stages()[std::size_t(id)].outputName; }

    /// Leads every batch through the float network; look(pass, stage) before a stage is run, see
    /// (stage, its values) after it.
    template<typename Look, typename See>
    void runFloat(const Look& look, const See& see)
    {
        TrainingPass pass(m_twin.model(), m_runtime);
        for (int batch = 0; batch < m_images.count(); ++batch) {
            pass.begin(m_images.batch(batch), PassMode::Evaluate);
            for (int id = 0; id < stages(); ++id) {
                look(pass, id, m_images.share(batch));
                pass.runStage(id);
                if (isQuantized(m_model, id))
                    see(id, pass.value(id, 0).floats.values());
            }
        }
    }

    /// The exact peaks, and the float network's channel means where corrections will need them.
    void measurePeaks()
    {
        runFloat(
            [this](TrainingPass& pass, int id, double share) {
                if (m_plan.correctsBias && isCorrected(m_model, id))
                    addMeans(m_means[std::size_t(id)], pass.channelMeans(id), share);
            },
            [this](int id, std::span<const float> x) {
                for (const float v : x) {
                    if (!std::isfinite(v))
                        throw Error(concat("calibration: the float network gives values that are "
                                           "not finite at ",
                                           nameOf(id), "; choose another training.from"));
                }
                float& peak = m_peaks[std::size_t(id)];
                peak = std::max(peak, tile::absMax(x.data(), x.size()));
            });
    }

    void searchActivations()
    {
        std::vector<std::optional<ValueHistogram>> histograms(m_peaks.size());
        for (int id = 0; id < stages(); ++id) {
            if (isQuantized(m_model, id))
                histograms[std::size_t(id)].emplace(m_peaks[std::size_t(id)]);
        }
        runFloat([](TrainingPass&, int, double) {},
                 [&histograms](int id, std::span<const float> x) {
                     histograms[std::size_t(id)]->add(x);
                 });
        std::map<const Quantizer*, float> steps;
        for (int id = 0; id < stages(); ++id) {
            if (!histograms[std::size_t(id)])
                continue;
            for (const auto& quantizer : m_model.parts(id).viewQuantizers) {
                if (!quantizer)
                    continue;
                // One that serves several tensors takes the widest range.
                float& step = steps[quantizer.get()];
                step = std::max(step,
                                float(searchStep(m_plan.ranges, *histograms[std::size_t(id)],
                                                 quantizer->grid())));
                quantizer->fixStep(step);
            }
        }
    }

    void correct()
    {
        std::vector<std::unique_ptr<TrainingPass>> passes;
        for (int batch = 0; batch < m_images.count(); ++batch) {
            passes.push_back(std::make_unique<TrainingPass>(m_model, m_runtime));
            passes.back()->begin(m_images.batch(batch), PassMode::Evaluate);
        }
        for (int id = 0; id < stages(); ++id) {
            if (isCorrected(m_model, id)) {
                std::vector<double> means;
                for (int batch = 0; batch < m_images.count(); ++batch)
                    addMeans(means, passes[std::size_t(batch)]->channelMeans(id),
                             m_images.share(batch));
                shift(id, means);
            }
            for (const auto& pass : passes)
                pass->runStage(id);
        }
    }

    void shift(int id, const std::vector<double>& means)
    {
        Model::StageParts& parts = m_model.parts(id);
        for (std::size_t c = 0; c < means.size(); ++c) {
            const double excess = means[c] - m_means[std::size_t(id)][c];
            float& place
                = parts.norm ? parts.norm->runningMean.data()[c] : parts.bias->value.data()[c];
            place = float(parts.norm ? place + excess : place - excess);
        }
    }

    static void addMeans(std::vector<double>& sums, const std::vector<double>& means, double share)
    {
        sums.resize(means.size(), 0.0);
        for (std::size_t c = 0; c < means.size(); ++c)
            sums[c] += share * means[c];
    }

    Model& m_model;
    FloatTwin m_twin;
    Runtime& m_runtime;
    CalibrationPlan m_plan;
    const ImageBatches& m_images;
    std::vector<float> m_peaks; // by stage
    std::vector<std::vector<double>> m_means; // of the float network, by stage and channel
};

} // namespace

std::vector<std::uint32_t> calibrationImages(std::span<const std::uint32_t> indices, int count,
                                             std::uint64_t seed)
{
    Random random(seed, RandomUse::Calibration);
    const std::vector<std::uint32_t> order = random.permutation(std::uint32_t(indices.size()));
    std::vector<std::uint32_t> chosen;
    for (std::size_t i = 0; i < std::min(order.size(), std::size_t(count)); ++i)
        chosen.push_back(indices[order[i]]);
    return chosen;
}

void calibrate(Model& model, Runtime& runtime, const ImageSet& set,
               std::span<const std::uint32_t> images, const Augmentation& augmentation)
{
    require(!images.empty(), "calibration has at least one image");
    Calibration(model, runtime, ImageBatches(set, images, augmentation)).run();
}

} // namespace stair
