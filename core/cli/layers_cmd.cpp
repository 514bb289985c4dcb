#include "core/analysis/accumulators.h"
#include "core/base/concat.h"
#include "core/cli/commands.h"
#include "core/cli/text_format.h"
#include "core/exchange/code_packing.h"
#include "core/exchange/model_file.h"
#include "core/session/experiment.h"
#include "core/session/run_folder.h"
#include "core/train/calibration.h"
#include "core/train/evaluator.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace stair {

namespace {

struct LayersOptions
{
    std::string model;
    std::string checkpoint = "last";
    int images = 256;
    int threads = 0;
};

std::string kindOf(const Instruction& in)
{
    switch (in.compute) {
    case Compute::Image:
        return "image";
    case Compute::Conv:
        if (in.computed.h == 1 && in.computed.w == 1 && in.conv.terms() == in.conv.inC)
            return "linear";
        return in.conv.groups > 1 ? "grouped conv" : "conv";
    case Compute::SumPool:
        return "sum pool";
    case Compute::Copy:
        return "copy";
    case Compute::Concat:
        return "concat";
    case Compute::Add:
        return "add";
    case Compute::Move:
        return "move";
    }
    return {};
}

/// "u4", "s8", "s4 odd" ...
std::string codesText(const Grid& grid)
{
    const char* kinds[] = {"", " odd", " power of two"};
    return concat(grid.isSigned ? "s" : "u", grid.bits, kinds[int(grid.kind)]);
}

Json valuesJson(const Program& program, const std::vector<int>& ids)
{
    Json texts = Json::array();
    for (const int id : ids) {
        const ProgramValue& value = program.values[std::size_t(id)];
        texts.push_back(value.isFloat ? "float" : codesText(value.grid));
    }
    return texts;
}

Json rangeJson(const IntegerRange& range)
{
    return {{"least", range.least}, {"most", range.most}, {"bits", range.bits()}};
}

Json accumulatorJson(const LayerAccumulators& layer)
{
    return {{"generic_bits", layer.genericBits},
            {"worst", rangeJson(layer.worst)},
            {"seen", layer.seen ? rangeJson(*layer.seen) : Json()},
            {"headroom", accumulatorBits - layer.worst.bits()},
            {"headroom_float", exactFloatBits - layer.worst.bits()}};
}

Json layerJson(const Program& program, const Instruction& in)
{
    const bool isConv = in.compute == Compute::Conv;
    const std::int64_t weights = isConv ? in.conv.weightShape().size() : 0;
    std::vector<int> sources = in.sources;
    if (in.skip >= 0)
        sources.push_back(in.skip);
    return {{"name", in.name},
            {"kind", kindOf(in)},
            {"weights",
             !isConv              ? Json()
                 : in.weightCodes ? Json(codesText(in.weightCodes.grid()))
                                  : Json("float")},
            {"in", valuesJson(program, sources)},
            {"out", valuesJson(program, in.outputs)},
            {"macs", isConv ? in.computed.size() * in.conv.terms() : 0},
            {"weight_bytes",
             in.weightCodes ? packedBytes(in.weightCodes.grid(), weights)
                            : weights * std::int64_t(sizeof(float))},
            {"accumulator", Json()}};
}

/// The program over some of the images that its run was trained on.
Json describeLayers(const Program& program, Runtime& runtime, const ExperimentSpec& spec,
                    const Dataset& data, int wanted)
{
    std::vector<LayerAccumulators> accumulators = listAccumulators(program);
    const auto train = splitValidation(data.train, spec.data.validation, spec.seed).train;
    const auto images = calibrationImages(train, wanted, spec.seed);
    constexpr int batch = 64;
    forEachBatch(data.train, &images, spec.data.augment, batch,
                 [&](const ImageBytes& bytes, std::span<const std::uint16_t>) {
                     observeAccumulators(program, runtime, bytes, accumulators);
                 });
    Json layers = Json::array();
    for (const Instruction& in : program.instructions)
        layers.push_back(layerJson(program, in));
    for (const LayerAccumulators& layer : accumulators)
        layers[std::size_t(layer.instruction)]["accumulator"] = accumulatorJson(layer);
    return {{"images", images.size()},
            {"accumulator_bits", accumulatorBits},
            {"exact_float_bits", exactFloatBits},
            {"layers", layers}};
}

std::string joined(const Json& texts)
{
    std::string text;
    for (const Json& part : texts)
        text += (text.empty() ? "" : "+") + part.get<std::string>();
    return text;
}

std::string toText(const Json& document)
{
    std::vector<std::vector<std::string>> rows
        = {{"layer", "kind", "weights", "in", "out", "MACs", "weight kB", "any weights", "worst",
            "seen", "left of 32", "left of 2^24"}};
    std::int64_t macs = 0, bytes = 0;
    for (const Json& layer : document.at("layers")) {
        const Json& acc = layer.at("accumulator");
        const auto layerMacs = layer.at("macs").get<std::int64_t>();
        const auto layerBytes = layer.at("weight_bytes").get<std::int64_t>();
        const auto number = [&acc](const char* place) {
            const Json::json_pointer at(place);
            return acc.contains(at) ? concat(acc.at(at).get<int>()) : std::string();
        };
        rows.push_back({layer.at("name").get<std::string>(), layer.at("kind").get<std::string>(),
                        layer.at("weights").is_null() ? "" : layer.at("weights").get<std::string>(),
                        joined(layer.at("in")), joined(layer.at("out")),
                        layerMacs ? concat(layerMacs) : "",
                        layerBytes ? fixedText(double(layerBytes) / 1000, 2) : "",
                        number("/generic_bits"), number("/worst/bits"), number("/seen/bits"),
                        number("/headroom"), number("/headroom_float")});
        macs += layerMacs;
        bytes += layerBytes;
    }
    rows.push_back({"total", "", "", "", "", concat(macs), fixedText(double(bytes) / 1000, 2)});
    return concat(
        tableText(rows, 5),
        "\nAccumulator bits: for any weights of the grid, at worst for these weights, and "
        "seen on ",
        document.at("images").get<int>(),
        " training images; what the worst leaves of 32 bits, and of the 25 that f32 holds "
        "exactly");
}

int showFile(const LayersOptions& options, const Console& console)
{
    const ShippedModel model = readModel(options.model);
    const ExperimentSpec spec = ExperimentSpec::read(model.origin.spec, options.model);
    const Dataset data = openData(spec.data, std::filesystem::path(options.model).parent_path());
    Runtime runtime(options.threads);
    const Json document = describeLayers(model.program, runtime, spec, data, options.images);
    console.result(document, toText(document));
    return 0;
}

int showLayers(const LayersOptions& options, const Console& console)
{
    if (std::filesystem::is_regular_file(options.model))
        return showFile(options, console);
    const RunFolder folder = RunFolder::open(options.model);
    ExperimentSpec spec = folder.spec();
    spec.threads = options.threads;
    Experiment experiment(spec, folder.path());
    experiment.trainer.restore(Checkpoint::read(folder.checkpointFile(options.checkpoint)));
    const Json document = describeLayers(experiment.trainer.program(), experiment.runtime, spec,
                                         experiment.data, options.images);
    console.result(document, toText(document));
    return 0;
}

} // namespace

CommandInfo layersCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<LayersOptions>();
        app.add_option("RUNDIR", options->model, "The run's folder, or an exported model")
            ->required();
        app.add_option("--checkpoint", options->checkpoint, "last, best, or a file")
            ->capture_default_str();
        app.add_option("--images", options->images,
                       "Training images that accumulators are seen on; 0: none")
            ->check(CLI::Range(0, 1000000))
            ->capture_default_str();
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return showLayers(*options, console);
        };
    };
    return {"layers",
            "Show the shipped program layer by layer: codes, MACs, weights, accumulator bits",
            describe};
}

} // namespace stair
