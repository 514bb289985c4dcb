#include "core/analysis/sensitivity.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/cli/commands.h"
#include "core/cli/propose_text.h"
#include "core/cli/text_format.h"
#include "core/session/experiment.h"
#include "core/session/measured_map.h"
#include "core/session/run_folder.h"
#include "core/train/calibration.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace stair {

namespace {

struct ProposeOptions
{
    std::string run;
    std::string budget;
    std::string map;
    std::string checkpoint = "last";
    int images = 0;
    int threads = 0;
};

EvaluationImages testImages(const ProposeOptions& options, const ExperimentSpec& spec,
                            const Dataset& data)
{
    std::vector<std::uint32_t> all(std::size_t(data.test.count()));
    std::iota(all.begin(), all.end(), 0u);
    if (options.images > 0)
        all = calibrationImages(all, options.images, spec.seed);
    return {.set = &data.test,
            .indices = all,
            .augmentation = spec.data.augment,
            .classes = data.classes()};
}

WidthProposal proposeWithin(std::int64_t budget, const MeasuredMap& map)
{
    const SizeRange range = sizeRange(map.options());
    const std::string attainable
        = concat("the measured widths take ", sizeText(range.least), " to ", sizeText(range.most));
    if (budget > range.most)
        throw Error(concat("[propose] a budget of ", sizeText(budget),
                           " constrains nothing: ", attainable, "; choose less"));
    const auto proposal = proposeWidths(map.options(), budget);
    if (!proposal)
        throw Error(concat("[propose] no widths fit into ", sizeText(budget), ": ", attainable,
                           "; choose more, or measure narrower widths"));
    return *proposal;
}

/// One assignment of widths, evaluated.
Json checked(Sensitivity& sensitivity, const std::vector<int>& bits, std::int64_t bytes)
{
    const Program program = sensitivity.programAt(bits);
    const Metrics metrics = sensitivity.evaluate(program);
    return {{"bytes", bytes},
            {"top1", metrics.top1},
            {"loss", metrics.loss},
            {"images", metrics.images},
            {"proved", program.floatLayers().empty()}};
}

CheckedWidths widthsOf(const Json& row)
{
    return {row.at("bytes").get<std::int64_t>(),
            std::llround(row.at("top1").get<double>() * row.at("images").get<double>())};
}

/// The size of the option of these bits; 0: as the layer is.
std::int64_t bytesAt(const MeasuredLayer& layer, int bits)
{
    for (const WidthOption& option : layer.options) {
        if (option.bits == bits)
            return option.bytes;
    }
    return 0;
}

/// One width for all layers: those at the ends that the spec treats apart as they are, and, where
/// there are such, once more with them.
Json checkUniform(Sensitivity& sensitivity, const MeasuredMap& map, const Json& proposal,
                  const Console& console)
{
    const std::vector<SensitivityLayer>& layers = sensitivity.layers();
    const bool hasEnds = std::ranges::any_of(layers, &SensitivityLayer::isEnd);
    Json rows = Json::array();
    for (const int width : map.widths)
        for (const bool keepsEnds : {true, false}) {
            if (keepsEnds && !hasEnds)
                continue;
            std::vector<int> bits;
            std::int64_t bytes = 0;
            for (std::size_t i = 0; i < layers.size(); ++i) {
                bits.push_back(keepsEnds && layers[i].isEnd ? 0 : width);
                bytes += bytesAt(map.layers[i], bits.back());
            }
            Json row = checked(sensitivity, bits, bytes);
            row["bits"] = width;
            row["ends"] = keepsEnds ? "kept" : "same";
            const CheckedWidths ours = widthsOf(proposal), theirs = widthsOf(row);
            row["verdict"] = isBetter(ours, theirs)                        ? "beaten"
                : isBetter(theirs, ours)                                   ? "better"
                : ours.bytes == theirs.bytes && ours.right == theirs.right ? "equal"
                                                                           : "neither";
            console.notes() << concat("uniform ", width, " bits",
                                      keepsEnds ? ", ends as they are" : "", "  ", sizeText(bytes),
                                      "  top-1 ", percentText(row.at("top1").get<double>()))
                            << std::endl;
            rows.push_back(row);
        }
    return rows;
}

Json layersJson(const MeasuredMap& map, const WidthProposal& proposal)
{
    Json rows = Json::array();
    for (std::size_t i = 0; i < map.layers.size(); ++i) {
        const MeasuredLayer& layer = map.layers[i];
        const WidthOption& option = layer.options[proposal.chosen[i]];
        rows.push_back({{"layer", layer.name},
                        {"weights", layer.weightBits},
                        {"activations", layer.activationBits},
                        {"bits", option.bits > 0 ? Json(option.bits) : Json()},
                        {"bytes", option.bytes},
                        {"drop", double(option.lost) / map.images}});
    }
    return rows;
}

/// The proposal and what it is compared with, on test images.
Json checkAll(Sensitivity& sensitivity, const MeasuredMap& map, const WidthProposal& proposal,
              const Console& console)
{
    std::vector<int> bits;
    std::int64_t baseBytes = 0;
    for (std::size_t i = 0; i < map.layers.size(); ++i) {
        bits.push_back(map.layers[i].options[proposal.chosen[i]].bits);
        baseBytes += map.layers[i].options.front().bytes;
    }
    Json ours = checked(sensitivity, bits, proposal.bytes);
    ours["summed_drop"] = double(proposal.lost) / map.images;
    console.notes() << concat("proposal  ", sizeText(proposal.bytes), "  top-1 ",
                              percentText(ours.at("top1").get<double>()))
                    << std::endl;
    const Json uniform = checkUniform(sensitivity, map, ours, console);
    return {{"layers", layersJson(map, proposal)},
            {"proposal", ours},
            {"uniform", uniform},
            {"base", checked(sensitivity, std::vector<int>(map.layers.size(), 0), baseBytes)}};
}

void checkCheckpoint(const std::filesystem::path& checkpoint, const MeasuredMap& map,
                     const std::filesystem::path& file)
{
    if (sha256OfFile(checkpoint) != map.checkpoint)
        throw Error(concat("[propose] ", file.string(),
                           " was measured on another checkpoint (of step ", map.step,
                           "); name that one with --checkpoint, or measure anew with `stair "
                           "sensitivity RUNDIR --restart`"));
}

int propose(const ProposeOptions& options, const Console& console)
{
    const std::int64_t budget = readSize(options.budget);
    const RunFolder folder = RunFolder::open(options.run);
    const std::filesystem::path file
        = options.map.empty() ? folder.sensitivityFile() : std::filesystem::path(options.map);
    const MeasuredMap map = readMeasuredMap(file);
    const WidthProposal proposal = proposeWithin(budget, map);
    const std::filesystem::path checkpoint = folder.checkpointFile(options.checkpoint);
    checkCheckpoint(checkpoint, map, file);
    ExperimentSpec spec = folder.spec();
    spec.threads = options.threads;
    Experiment experiment(spec, folder.path());
    experiment.trainer.restore(Checkpoint::read(checkpoint));
    const EvaluationImages images = testImages(options, experiment.spec, experiment.data);
    Sensitivity sensitivity(experiment.trainer, experiment.spec, experiment.data,
                            experiment.runtime, images, map.calibrationImages);
    if (sensitivity.layers().size() != map.layers.size())
        throw Error(concat("[propose] ", file.string(),
                           " has other layers than the run; measure anew with `stair sensitivity "
                           "RUNDIR --restart`"));
    Json document = checkAll(sensitivity, map, proposal, console);
    const SizeRange range = sizeRange(map.options());
    document["budget"] = budget;
    document["range"] = {{"least", range.least}, {"most", range.most}};
    document["map"] = {{"file", file.string()}, {"split", map.split}, {"images", map.images}};
    document["verdict"] = verdictText(document);
    if (map.split == "test")
        document["warning"] = "The map was measured on test images too: the check is not "
                              "independent of the choice. Hold out validation images "
                              "(data.validation) for one that is.";
    console.result(document, proposalText(document));
    return 0;
}

} // namespace

CommandInfo proposeCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<ProposeOptions>();
        app.add_option("RUNDIR", options->run, "The run's folder, with a finished map")->required();
        app.add_option("--budget", options->budget,
                       "The most that the packed weights may take: 90kB, 1.5MB, 88KiB, or bytes")
            ->required();
        app.add_option("--map", options->map, "The map; without it RUNDIR/sensitivity.jsonl");
        app.add_option("--checkpoint", options->checkpoint,
                       "last, best, or a file: the one that was mapped")
            ->capture_default_str();
        app.add_option("--images", options->images, "Test images to check with, at most; 0: all")
            ->check(CLI::Range(0, 1000000000))
            ->capture_default_str();
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return propose(*options, console);
        };
    };
    return {"propose", "Propose widths for a size budget from a measured map, and check them",
            describe};
}

} // namespace stair
