#include "core/infer/inference_bench.h"

#include "core/base/random.h"
#include "core/base/stop_watch.h"
#include "core/infer/engine.h"
#include "core/lower/float_twin.h"
#include "core/lower/lowering.h"
#include "core/nn/training_pass.h"
#include "core/zoo/networks.h"

#include <algorithm>

namespace stair {

namespace {

constexpr int classes = 10;
constexpr int warmUpRounds = 2;

std::vector<std::uint8_t> randomPixels(const Shape& shape)
{
    Random random(1, RandomUse::Test);
    std::vector<std::uint8_t> pixels(std::size_t(shape.size()));
    std::ranges::generate(pixels, [&random] { return std::uint8_t(random.bits()); });
    return pixels;
}

/// Products and sums of one image.
double operations(const Instruction& in)
{
    return in.compute == Compute::Conv ? 2.0 * double(in.computed.size()) * double(in.conv.terms())
                                       : 0;
}

/// Of the layer's weights as they are shipped, a code in as many bits as its grid has.
double weightBytes(const Instruction& in)
{
    if (in.weightCodes)
        return double(in.weightCodes.size()) * in.weightCodes.grid().bits / 8;
    return double(in.realWeight.size()) * sizeof(float);
}

/// One of the two programs.
struct Side
{
    Side(const Program& program, Runtime& runtime)
        : engine(program, runtime)
    {
    }

    void run(const ImageBytes& images, bool counts)
    {
        double elapsed = 0;
        {
            const StopWatch watch(elapsed);
            engine.run(images);
        }
        if (counts)
            seconds.push_back(elapsed);
        else
            engine.resetTimes();
    }

    double median() const
    {
        std::vector<double> sorted = seconds;
        std::ranges::sort(sorted);
        return sorted[sorted.size() / 2];
    }

    double layerMs(std::size_t i) const { return engine.times()[i] / double(seconds.size()) * 1e3; }

    Json total(int batch) const
    {
        return {{"ms", median() * 1e3}, {"images_per_s", batch / median()}};
    }

    Engine engine;
    std::vector<double> seconds;
};

Json benchBatch(const Program& program, const Program& twin, Runtime& runtime, int batch,
                int rounds)
{
    const Shape shape = program.image.withImages(batch);
    const std::vector<std::uint8_t> pixels = randomPixels(shape);
    Side integer(program, runtime), real(twin, runtime);
    for (int round = -warmUpRounds; round < rounds; ++round) {
        integer.run({pixels.data(), shape}, round >= 0);
        real.run({pixels.data(), shape}, round >= 0);
    }
    const auto layer = [&](const std::string& name, const std::string& way, std::size_t i,
                           double work, double integerBytes, double floatBytes) {
        const double integerMs = integer.layerMs(i), floatMs = real.layerMs(i);
        return Json{{"name", name},
                    {"way", way},
                    {"mop", work / 1e6},
                    {"integer_ms", integerMs},
                    {"float_ms", floatMs},
                    {"integer_gops", work * batch / integerMs / 1e6},
                    {"float_gops", work * batch / floatMs / 1e6},
                    {"integer_kb", integerBytes / 1e3},
                    {"float_kb", floatBytes / 1e3}};
    };
    Json layers = Json::array({layer("image", "table", 0, 0, 0, 0)});
    for (std::size_t i = 0; i < program.instructions.size(); ++i) {
        const Instruction& in = program.instructions[i];
        layers.push_back(layer(in.name, integer.engine.describe(i), i + 1, operations(in),
                               weightBytes(in), weightBytes(twin.instructions[i])));
    }
    return {{"batch", batch},
            {"integer", integer.total(batch)},
            {"float", real.total(batch)},
            {"ratio", real.median() / integer.median()},
            {"layers", layers}};
}

} // namespace

Program untrainedProgram(const std::string& id, const QuantSpec& quant, int imageSize,
                         Runtime& runtime)
{
    constexpr int passes = 2, images = 8;
    const NetworkInfo& info = network(id);
    const Shape image{images, imageSize, imageSize, 3};
    Model model(info.build(image.withImages(1), classes, ParamValues(info.params)), quant,
                {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}, 1);
    const std::vector<std::uint8_t> pixels = randomPixels(image);
    TrainingPass pass(model, runtime);
    for (int step = 0; step < passes; ++step) {
        model.advance({.step = step, .progress = 0, .epoch = 0, .seed = 1, .stream = 0});
        pass.forward({pixels.data(), image}, PassMode::Train);
        pass.updateRunningStatistics();
    }
    return lower(model);
}

Json runInferenceBench(const Program& program, Runtime& runtime, const std::vector<int>& batches,
                       int rounds)
{
    const Program twin = floatTwin(program);
    Json runs = Json::array();
    for (const int batch : batches)
        runs.push_back(benchBatch(program, twin, runtime, batch, rounds));
    return {{"isa", runtime.isa()}, {"threads", runtime.threads()}, {"runs", runs}};
}

} // namespace stair
