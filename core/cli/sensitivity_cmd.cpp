#include "core/analysis/sensitivity.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/names.h"
#include "core/base/stop_watch.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/sensitivity_text.h"
#include "core/cli/text_format.h"
#include "core/session/experiment.h"
#include "core/session/run_folder.h"
#include "core/session/sensitivity_file.h"
#include "core/session/sensitivity_lines.h"
#include "core/session/stop_signals.h"
#include "core/train/calibration.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <numeric>

namespace stair {

namespace {

struct SensitivityOptions
{
    std::string run;
    std::string checkpoint = "last";
    std::vector<std::string> modes = {"only"};
    std::vector<int> widths = {2, 3, 4, 6, 8};
    int images = 5000;
    std::string split = "validation";
    int calibration = 512;
    std::string out;
    int threads = 0;
    bool restarts = false;
};

EvaluationImages chooseImages(const SensitivityOptions& options, const ExperimentSpec& spec,
                              const Dataset& data)
{
    std::vector<std::uint32_t> all;
    if (options.split == "validation") {
        all = splitValidation(data.train, spec.data.validation, spec.seed).validation;
        if (all.empty())
            throw Error("[sensitivity] the run holds out no validation images (data.validation); "
                        "give --split test, and choose no widths by what it shows");
    } else {
        all.resize(std::size_t(data.test.count()));
        std::iota(all.begin(), all.end(), 0u);
    }
    return {.set = options.split == "test" ? &data.test : &data.train,
            .indices = calibrationImages(all, options.images, spec.seed),
            .augmentation = spec.data.augment,
            .classes = data.classes()};
}

template<typename Value>
void dropRepeated(std::vector<Value>& values)
{
    std::vector<Value> once;
    for (const Value& value : values) {
        if (std::ranges::find(once, value) == once.end())
            once.push_back(value);
    }
    values = once;
}

Json headerLine(const SensitivityOptions& options, const std::filesystem::path& checkpoint,
                std::int64_t step, int images, const Sensitivity& sensitivity)
{
    Json layers = Json::array();
    for (const SensitivityLayer& layer : sensitivity.layers())
        layers.push_back({{"name", layer.name},
                          {"weights", layer.weightBits},
                          {"activations", layer.activationBits},
                          {"macs", layer.macs},
                          {"count", layer.weights}});
    return {{"event", "sensitivity"},
            {"schema", 1},
            {"checkpoint", sha256OfFile(checkpoint)},
            {"step", step},
            {"split", options.split},
            {"images", images},
            {"calibration_images", options.calibration},
            {"modes", options.modes},
            {"widths", options.widths},
            {"layers", layers}};
}

/// The base's line, from the file or computed now.
Json baseLine(Sensitivity& sensitivity, SensitivityFile& file)
{
    for (const Json& line : file.lines()) {
        if (line.value("event", "") == "base")
            return line;
    }
    const Metrics base = sensitivity.base();
    Json line = {{"event", "base"},
                 {"top1", base.top1},
                 {"loss", base.loss},
                 {"proved", sensitivity.isBaseProved()}};
    if (const auto inFloat = sensitivity.inFloat())
        line["float_top1"] = inFloat->top1;
    file.append(line);
    return line;
}

std::string baseText(const Json& base, int images, const std::string& split)
{
    return concat("base: top-1 ", percentText(base.at("top1").get<double>()), " on ", images, " ",
                  split, " images",
                  base.at("proved").get<bool>() ? ", computed by integers" : ", partly in float",
                  base.contains("float_top1")
                      ? concat("; in float ", percentText(base.at("float_top1").get<double>()))
                      : "");
}

/// Computes the cells that the file has not, cheapest first. False: stopped by a signal.
bool fillMap(Sensitivity& sensitivity, const std::vector<SensitivityCell>& plan, double base,
             SensitivityFile& file, const Console& console)
{
    const StopSignals stopSignals;
    double elapsed = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        const SensitivityCell& cell = plan[i];
        const SensitivityLayer& layer = sensitivity.layers()[std::size_t(cell.layer)];
        if (std::ranges::any_of(file.lines(),
                                [&](const Json& line) { return isCell(line, layer, cell); }))
            continue;
        if (stopSignals.token().stop_requested())
            return false;
        double seconds = 0;
        Json line;
        {
            const StopWatch watch(seconds);
            line = cellLine(layer, cell, sensitivity.evaluate(cell), base);
        }
        elapsed += seconds;
        line["t"] = {{"seconds", seconds}, {"elapsed", elapsed}};
        file.append(line);
        console.notes() << concat(i + 1, "/", plan.size(), "  ", layer.name, "  ",
                                  info(cell.mode).id, "  ", cell.bits, " bits  top-1 ",
                                  percentText(line.at("top1").get<double>()), "  ",
                                  fixedText(100 * (line.at("top1").get<double>() - base), 2),
                                  " points  ", fixedText(seconds, 2), " s")
                        << std::endl;
    }
    return true;
}

int mapSensitivity(SensitivityOptions options, const Console& console)
{
    dropRepeated(options.modes);
    dropRepeated(options.widths);
    std::ranges::sort(options.widths);
    std::vector<SensitivityMode> modes;
    for (const std::string& id : options.modes)
        modes.push_back(sensitivityMode(id));
    const RunFolder folder = RunFolder::open(options.run);
    const std::filesystem::path checkpointFile = folder.checkpointFile(options.checkpoint);
    const Checkpoint checkpoint = Checkpoint::read(checkpointFile);
    ExperimentSpec spec = folder.spec();
    spec.threads = options.threads;
    Experiment experiment(spec, folder.path());
    experiment.trainer.restore(checkpoint);
    const EvaluationImages images = chooseImages(options, spec, experiment.data);
    const int count = int(images.indices.size());
    Sensitivity sensitivity(experiment.trainer, experiment.spec, experiment.data,
                            experiment.runtime, images, options.calibration);
    const Json header = headerLine(options, checkpointFile, checkpoint.step, count, sensitivity);
    const std::filesystem::path path
        = options.out.empty() ? folder.sensitivityFile() : std::filesystem::path(options.out);
    SensitivityFile file(path, header, options.restarts);
    const Json base = baseLine(sensitivity, file);
    console.notes() << baseText(base, count, options.split) << std::endl;
    const auto plan = sensitivity.plan(modes, options.widths);
    if (!fillMap(sensitivity, plan, base.at("top1").get<double>(), file, console)) {
        console.result({{"file", path.string()}, {"stopped", true}},
                       concat("Stopped; the same command goes on: ", path.string()));
        return exitInterrupted;
    }
    const Json correlations = proxyCorrelations(file.lines());
    if (file.lines().back().value("event", "") != "finished")
        file.append({{"event", "finished"}, {"correlations", correlations}});
    Json cells = Json::array();
    for (const Json& line : file.lines()) {
        if (line.value("event", "") == "cell")
            cells.push_back(line);
    }
    console.result({{"file", path.string()},
                    {"header", header},
                    {"base", base},
                    {"cells", cells},
                    {"correlations", correlations}},
                   sensitivityText(header, file.lines(), correlations));
    return 0;
}

std::string modesHelp()
{
    std::string text = "Which tensors get a width, one or more of";
    for (const SensitivityModeInfo& row : sensitivityModes())
        text += concat(row.mode == SensitivityMode::Only ? " " : "; ", row.id, ": ", row.help);
    return text;
}

} // namespace

CommandInfo sensitivityCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<SensitivityOptions>();
        app.add_option("RUNDIR", options->run, "The run's folder")->required();
        app.add_option("--modes", options->modes, modesHelp())
            ->delimiter(',')
            ->capture_default_str();
        app.add_option("--widths", options->widths, "Bits")
            ->delimiter(',')
            ->check(CLI::Range(leastSensitivityBits, mostSensitivityBits))
            ->capture_default_str();
        app.add_option("--images", options->images, "Evaluated, at most")
            ->check(CLI::Range(1, 1000000000))
            ->capture_default_str();
        app.add_option("--split", options->split, "validation or test")
            ->check(CLI::IsMember({"validation", "test"}))
            ->capture_default_str();
        app.add_option("--calibration-images", options->calibration,
                       "Training images that give ranges and gradients")
            ->check(CLI::Range(1, 65536))
            ->capture_default_str();
        app.add_option("--checkpoint", options->checkpoint, "last, best, or a file")
            ->capture_default_str();
        app.add_option("--out", options->out, "The file; without it RUNDIR/sensitivity.jsonl");
        app.add_flag("--restart", options->restarts, "Begin the file anew");
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return mapSensitivity(*options, console);
        };
    };
    return {"sensitivity", "Map the accuracy of a trained network with each layer at each width",
            describe};
}

} // namespace stair
