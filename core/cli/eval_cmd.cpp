#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/cli/commands.h"
#include "core/cli/text_format.h"
#include "core/data/datasets.h"
#include "core/exchange/model_file.h"
#include "core/exchange/onnx_import.h"
#include "core/session/event_lines.h"
#include "core/session/experiment.h"
#include "core/session/run_folder.h"
#include "core/session/spec_source.h"
#include "core/train/evaluator.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <optional>

namespace stair {

namespace {

struct EvalOptions
{
    std::string run;
    std::string checkpoint = "last";
    std::string data;
    std::vector<std::string> assignments;
    std::vector<float> mean, deviation;
    int threads = 0;
};

/// What --data names: a data set, or the data of a spec.
ExperimentSpec dataSpec(const EvalOptions& options)
{
    if (std::ranges::find(datasets(), options.data, &DatasetInfo::id) == datasets().end())
        return loadSpec(options.data, options.assignments);
    const Json json = {{"data", {{"id", options.data}}}};
    return loadSpec(WrittenSpec{json, "--data", std::filesystem::current_path()},
                    options.assignments);
}

/// The model in a file: a QDQ file of another program wants the data that it is for.
ShippedModel openModel(const EvalOptions& options, const Dataset* data)
{
    if (!isForeignOnnx(options.run))
        return readModel(options.run);
    require(data, "a foreign file is opened with its data");
    ShippedModel model;
    const bool isGiven = !options.mean.empty() || !options.deviation.empty();
    if (isGiven && options.mean.size() != options.deviation.size())
        throw Error("--mean and --deviation go together, one value a channel each");
    model.program = importOnnx(options.run,
                               isGiven ? Normalisation{options.mean, options.deviation}
                                       : Normalisation{data->mean, data->deviation});
    return model;
}

/// An exported model on the test images that its run was judged by.
int evaluateFile(const EvalOptions& options, const Console& console)
{
    if (options.data.empty() && isForeignOnnx(options.run))
        throw Error(concat(options.run,
                           " was not written by Staircase and does not say what data it is for; "
                           "give --data, a spec or a data set's id"));
    std::optional<Dataset> named;
    ExperimentSpec spec;
    if (!options.data.empty()) {
        spec = dataSpec(options);
        named = openData(spec.data, std::filesystem::current_path());
    }
    const ShippedModel model = openModel(options, named ? &*named : nullptr);
    if (!named) {
        spec = ExperimentSpec::read(model.origin.spec, options.run);
        named = openData(spec.data, std::filesystem::path(options.run).parent_path());
    }
    const Dataset& data = *named;
    const int classes = model.program.values[std::size_t(model.program.logits)].shape.c;
    if (classes != data.classes())
        throw Error(concat(options.run, " tells ", classes, " classes apart, the data set has ",
                           data.classes(), "; give its own with --data"));
    if (data.hash != model.origin.dataHash && !model.origin.dataHash.empty())
        console.notes() << "The data set is not the one that the model was trained on" << std::endl;
    Runtime runtime(options.threads);
    const Metrics test = evaluateProgram(model.program, runtime, data.test, nullptr,
                                         spec.data.augment, data.classes());
    const bool proved = model.program.floatLayers().empty();
    console.result({{"test", toJson(test, true)},
                    {"proved", proved},
                    {"step", model.origin.step},
                    {"data_hash", data.hash}},
                   concat("step ", model.origin.step, ": test top-1 ", percentText(test.top1),
                          proved ? ", computed by integers" : ", computed partly in float",
                          reconstructionText(model.origin.spec.value(
                              Json::json_pointer("/quant/method"), std::string())),
                          "; top-5 ", percentText(test.top5), ", loss ", fixedText(test.loss, 4),
                          ", ", test.images, " images"));
    return 0;
}

int evaluate(const EvalOptions& options, const Console& console)
{
    if (std::filesystem::is_regular_file(options.run))
        return evaluateFile(options, console);
    const RunFolder folder = RunFolder::open(options.run);
    const Checkpoint checkpoint = Checkpoint::read(folder.checkpointFile(options.checkpoint));
    ExperimentSpec spec = folder.spec();
    spec.threads = options.threads;
    Experiment experiment(spec, folder.path());
    experiment.trainer.restore(checkpoint);
    const Json line = evaluationLine(experiment.trainer.evaluate());
    const Json& test = line.at("test");
    console.result(line,
                   concat("step ", checkpoint.step, ": ", evaluationText(line),
                          reconstructionText(spec.quant.method), "; top-5 ",
                          percentText(test.at("top5").get<double>()), ", loss ",
                          fixedText(test.at("loss").get<double>(), 4), ", ",
                          test.at("images").get<std::int64_t>(), " images"));
    return 0;
}

} // namespace

CommandInfo evalCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<EvalOptions>();
        app.add_option("RUNDIR", options->run, "The run's folder, or an exported model")
            ->required();
        app.add_option("--checkpoint", options->checkpoint, "last, best, or a file")
            ->capture_default_str();
        app.add_option(
            "--data", options->data,
            "Another data set for an exported model: a spec, a preset, or a data set's id");
        app.add_option("--set", options->assignments, "KEY=VALUE in that spec, as data.path=FILE")
            ->take_all()
            ->allow_extra_args(false);
        app.add_option("--mean", options->mean,
                       "For another program's ONNX file with a float input: "
                       "of byte / 255, a value a channel; else the data's")
            ->delimiter(',')
            ->allow_extra_args(false);
        app.add_option("--deviation", options->deviation, "What byte / 255 - mean is divided by")
            ->delimiter(',')
            ->allow_extra_args(false);
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return evaluate(*options, console);
        };
    };
    return {"eval", "Evaluate a run's checkpoint as the run itself does, or an exported model",
            describe};
}

} // namespace stair
